// One queue for all that `npm test` does: as many jobs at once as there are slots, the longest first, so that the slots
// end together.

/**
 * `seconds`: about how long it takes. `lane`: of the jobs of one lane only one runs at a time. `after`: names of jobs
 * that must have ended; what others wait for begins first.
 * @typedef {{ name: string, seconds: number, lane?: string, after?: readonly string[], run: () => Promise<void> }} Job
 */

/**
 * Runs every job once.
 * @param {readonly Job[]} jobs Names are unique; a name in `after` that no job has counts as ended.
 * @param {number} slots At least 1.
 * @throws What a job's `run` rejected with; the jobs that run then are not waited for.
 */
export async function runQueue(jobs, slots) {
  const waiting = new Set(jobs);
  const unfinished = new Set(jobs.map(({ name }) => name));
  const running = new Map();
  for (;;) {
    for (let job = next(); job !== undefined && running.size < slots; job = next()) start(job);
    if (running.size === 0) return;
    await Promise.race(running.values());
  }

  function start(job) {
    waiting.delete(job);
    const ended = job.run().then(() => {
      running.delete(job);
      unfinished.delete(job.name);
    });
    running.set(job, ended);
  }

  /** The most urgent of those that may begin now. */
  function next() {
    const lanes = new Set([...running.keys()].map(({ lane }) => lane).filter(lane => lane !== undefined));
    return [...waiting]
      .filter(({ lane, after = [] }) => !lanes.has(lane) && !after.some(name => unfinished.has(name)))
      .sort((a, b) => secondsUntilEnd(b) - secondsUntilEnd(a) || b.seconds - a.seconds)[0];
  }

  /** What passes at least until the end, if this job began now: its lane and what waits for it come after it. */
  function secondsUntilEnd(job) {
    const followers = [...waiting].filter(({ after }) => after?.includes(job.name) === true);
    const inLane = [...waiting].filter(({ lane }) => lane !== undefined && lane === job.lane);
    return followers.reduce((sum, follower) => sum + follower.seconds, 0)
      + (inLane.length === 0 ? job.seconds : inLane.reduce((sum, { seconds }) => sum + seconds, 0));
  }
}
