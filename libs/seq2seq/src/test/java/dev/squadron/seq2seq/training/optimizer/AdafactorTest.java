package dev.squadron.seq2seq.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.graph.Feed;
import dev.squadron.seq2seq.graph.Tensors;
import dev.squadron.seq2seq.graph.Variables;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Adafactor against the paper's algorithm 4 (matrices) and 5 (vectors), written out in doubles. */
class AdafactorTest {
    private static final int UPDATES = 12;
    private static final double RATE = 0.05;

    private final Random random = new Random(5);

    @Test
    void changesMatricesByFactoredMoments() {
        double[] rows = new double[7];
        double[] columns = new double[4];
        agrees(new long[] {7, 4}, (w, g, kept) -> {
            double[] v = new double[g.length];
            for (int i = 0; i < 7; i++) {
                double sum = 0;
                for (int j = 0; j < 4; j++) {
                    sum += square(g[i * 4 + j]) + 1e-30;
                }
                rows[i] = kept * rows[i] + (1 - kept) * sum / 4;
            }
            for (int j = 0; j < 4; j++) {
                double sum = 0;
                for (int i = 0; i < 7; i++) {
                    sum += square(g[i * 4 + j]) + 1e-30;
                }
                columns[j] = kept * columns[j] + (1 - kept) * sum / 7;
            }
            double mean = Arrays.stream(rows).sum() / 7;
            for (int i = 0; i < v.length; i++) {
                v[i] = rows[i / 4] * columns[i % 4] / mean;
            }
            move(w, g, v);
        });
    }

    @Test
    void changesVectorsByWholeMoments() {
        double[] v = new double[5];
        agrees(new long[] {5}, (w, g, kept) -> {
            for (int i = 0; i < v.length; i++) {
                v[i] = kept * v[i] + (1 - kept) * (square(g[i]) + 1e-30);
            }
            move(w, g, v);
        });
    }

    @FunctionalInterface
    private interface Reference {
        void update(double[] weights, double[] gradient, double kept);
    }

    private void agrees(long[] shape, Reference reference) {
        int size = (int) Shape.of(shape).size();
        float[] initial = numbers(size, 1);
        double[] expected = doubles(initial);
        try (Graph graph = new Graph();
                Session session = new Session(graph)) {
            Ops tf = Ops.create(graph);
            Variables variables = new Variables(tf);
            variables.declare("w", shape);
            Operand<TFloat32> gradient = tf.placeholder(TFloat32.class, shape(Shape.of(shape)));
            Optimizer adafactor = Optimizer.of(tf, variables, OptimizerSpec.adafactor());
            Op update = adafactor.update("w", shape, gradient, true);
            adafactor.reset(session);
            try (TFloat32 value = Tensors.floats(initial, shape)) {
                variables.assign(session, "w", value);
            }
            for (int t = 1; t <= UPDATES; t++) {
                float[] g = numbers(size, t % 3 == 0 ? 10 : 0.01);
                try (Feed feed = new Feed(session)) {
                    feed.floats(gradient, g, shape);
                    adafactor.feed(feed, t, RATE);
                    feed.runner().addTarget(update).run().close();
                }
                reference.update(expected, doubles(g), 1 - Math.pow(t, -0.8));
                try (TFloat32 now = variables.read(session, "w")) {
                    assertThat(doubles(Tensors.array(now)))
                            .as("after update %d", t)
                            .containsExactly(expected, within(2e-6));
                }
            }
            assertThat(doubles(initial)).isNotEqualTo(expected);
        }
    }

    private static void move(double[] weights, double[] gradient, double[] v) {
        double sum = 0;
        for (int i = 0; i < v.length; i++) {
            sum += square(gradient[i]) / v[i];
        }
        double rms = Math.sqrt(sum / v.length);
        for (int i = 0; i < v.length; i++) {
            weights[i] -= RATE * gradient[i] / Math.sqrt(v[i]) / Math.max(1, rms);
        }
    }

    private float[] numbers(int count, double deviation) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) (random.nextGaussian() * deviation);
        }
        return numbers;
    }

    private static double[] doubles(float[] floats) {
        double[] doubles = new double[floats.length];
        Arrays.setAll(doubles, i -> floats[i]);
        return doubles;
    }

    private static double square(double x) {
        return x * x;
    }
}
