import unittest

from paligemma_tune.order import examples_of_step, shares, steps_in_epoch
from paligemma_tune.rate import rate_at


class Order(unittest.TestCase):
    def test_an_epoch_takes_every_example_once_and_each_epoch_in_another_order(self):
        steps = steps_in_epoch(10, 4)
        epochs = [sum((examples_of_step(10, 4, 0, epoch * steps + step) for step in range(steps)), []) for epoch in range(2)]
        self.assertEqual([sorted(epoch) for epoch in epochs], [list(range(10))] * 2)
        self.assertNotEqual(*epochs)

    def test_the_seed_and_the_step_alone_decide(self):
        self.assertEqual(examples_of_step(100, 8, 3, 17), examples_of_step(100, 8, 3, 17))
        self.assertNotEqual(examples_of_step(100, 8, 3, 17), examples_of_step(100, 8, 4, 17))

    def test_devices_share_a_step_without_taking_one_twice_and_with_as_many_batches_each(self):
        for count in range(1, 14):
            parts = [shares(list(range(count)), rank, 3, 2) for rank in range(3)]
            with self.subTest(count=count):
                self.assertEqual(sorted(index for part in parts for batch in part for index in batch), list(range(count)))
                self.assertEqual(len({len(part) for part in parts}), 1)


class Rate(unittest.TestCase):
    def test_rises_then_falls(self):
        rates = [rate_at(step, 100, 1.0, 0.1, "cosine") for step in range(100)]
        self.assertEqual(rates[:10], sorted(rates[:10]))
        self.assertEqual(rates[10:], sorted(rates[10:], reverse=True))
        self.assertAlmostEqual(max(rates), 1.0, places=3)
        self.assertLess(rates[-1], 0.001)

    def test_a_constant_one_stays(self):
        self.assertEqual({rate_at(step, 10, 0.5, 0, "constant") for step in range(10)}, {0.5})

    def test_one_step_is_enough(self):
        self.assertEqual(rate_at(0, 1, 1.0, 0.05, "cosine") > 0, True)
