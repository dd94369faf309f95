/** Joins and picks parts of cache tensors on the device where they lie. */
import { GraphBuilder } from '../graph/graphBuilder';
import { integerTensor, openSession, type Device, type GraphSession, type Tensor } from './ort';

/** Graphs of a single node, opened when first needed. The tensors given stay the caller's. */
export class TensorOps {
  private readonly sessions = new Map<string, Promise<GraphSession>>();

  constructor(private readonly device: Device) {}

  /** @param tensors Of five dimensions, equal in all but `axis`; at least one. */
  async concat(tensors: readonly Tensor[], axis: number): Promise<Tensor> {
    const session = await this.session(`concat ${axis} ${tensors.length}`, graph => {
      const inputs = tensors.map((_, index) =>
        graph.input(`part_${index}`, 'float32', ['a', 'b', 'c', 'd', 'e'].map(name => `${name}_${index}`))
      );
      return graph.node('Concat', '/joined', inputs, { axis });
    });
    return (await session.run(Object.fromEntries(tensors.map((tensor, index) => [`part_${index}`, tensor])), [OUTPUT]))[
      OUTPUT
    ]!;
  }

  /** The rows of the first dimension with these numbers, in this order. */
  async pick(tensor: Tensor, rows: readonly number[]): Promise<Tensor> {
    const session = await this.session('pick', graph => {
      const whole = graph.input('whole', 'float32', ['a', 'b', 'c', 'd', 'e']);
      return graph.node('Gather', '/picked', [whole, graph.input('rows', 'int64', ['n'])], { axis: 0 });
    });
    return (await session.run({ whole: tensor, rows: integerTensor(rows) }, [OUTPUT]))[OUTPUT]!;
  }

  async release(): Promise<void> {
    const sessions = await Promise.allSettled(this.sessions.values());
    await Promise.allSettled(sessions.map(async session => {
      if (session.status === 'fulfilled') await session.value.release();
    }));
  }

  private session(key: string, body: (graph: GraphBuilder) => ReturnType<GraphBuilder['node']>): Promise<GraphSession> {
    const known = this.sessions.get(key);
    if (known !== undefined) return known;
    const graph = new GraphBuilder(key);
    graph.output(OUTPUT, body(graph), 'float32', ['rows', 'heads', 'group', 'height', 'width']);
    const opened = openSession(graph.model(), this.device, [OUTPUT]);
    this.sessions.set(key, opened);
    return opened;
  }
}

const OUTPUT = 'out';
