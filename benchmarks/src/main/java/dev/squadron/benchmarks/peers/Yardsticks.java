package dev.squadron.benchmarks.peers;

import static dev.squadron.benchmarks.Report.figure;

import dev.squadron.benchmarks.MemorySpeed;
import dev.squadron.seq2seq.Processor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * What the machine can do, all cores together.
 *
 * @param fp32 FLOP/s of a product of two 1024×1024 matrices in fp32; a multiplication and an addition are two
 * @param bf16 the same in bf16; NaN where the processor has none
 * @param copy bytes/s that copying memory reads and writes
 */
record Yardsticks(double fp32, double bf16, double copy) {
    private static final int SIDE = 1024;
    private static final int PRODUCTS = 40;
    private static final int ROUNDS = 5;

    /** Measures the machine; takes a few seconds. */
    static Yardsticks measure() throws Exception {
        double bf16 = Processor.hasBf16() ? matmul(TBfloat16.class) : Double.NaN;
        return new Yardsticks(matmul(TFloat32.class), bf16, measureCopy());
    }

    /** Returns the FLOP/s of a precision; int8 is held against bf16. NaN where that is not known. */
    double flops(String precision) {
        return precision.equals("fp32") ? fp32 : bf16;
    }

    @Override
    public String toString() {
        return "Yardsticks: matmul 1024³ " + figure(fp32 / 1e9) + " GFLOP/s in fp32"
                + (Double.isNaN(bf16) ? "" : " and " + figure(bf16 / 1e9) + " in bf16") + ", memory copied at "
                + figure(copy / 1e9) + " GB/s (read + written).";
    }

    private static <T extends TNumber> double matmul(Class<T> type) throws Exception {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            Placeholder<TFloat32> fed = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(SIDE, SIDE)));
            Operand<T> matrix = tf.dtypes.cast(fed, type);
            Operand<T> product = matrix;
            for (int i = 0; i < PRODUCTS; i++) {
                product = MatMul.create(tf.scope(), matrix, product);
            }
            Operand<T> last = tf.slice(product, tf.constant(new int[] {0, 0}), tf.constant(new int[] {1, 1}));
            ConfigProto config = ConfigProto.newBuilder()
                    .setIntraOpParallelismThreads(1)
                    .setInterOpParallelismThreads(cores())
                    .build();
            try (Session session = new Session(graph, config);
                    TFloat32 zeros = TFloat32.tensorOf(Shape.of(SIDE, SIDE))) {
                double seconds = fastest(() -> {
                    session.runner().feed(fed, zeros).fetch(last).run().close();
                    return null;
                });
                return 2.0 * SIDE * SIDE * SIDE * PRODUCTS * cores() / seconds;
            }
        }
    }

    private static double measureCopy() throws Exception {
        try (MemorySpeed memory = new MemorySpeed()) {
            double best = 0;
            for (int round = 0; round <= ROUNDS; round++) {
                best = Math.max(best, memory.copy());
            }
            return best;
        }
    }

    /** Runs {@code work} once a core, all at the same time; returns the seconds of the fastest round. */
    private static double fastest(Callable<?> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(cores());
        double best = Double.POSITIVE_INFINITY;
        for (int round = -1; round < ROUNDS; round++) {
            List<Callable<Object>> one = new ArrayList<>();
            for (int core = 0; core < cores(); core++) {
                one.add(work::call);
            }
            long began = System.nanoTime();
            for (var done : threads.invokeAll(one)) {
                done.get();
            }
            if (round >= 0) {
                best = Math.min(best, (System.nanoTime() - began) / 1e9);
            }
        }
        threads.shutdown();
        return best;
    }

    private static int cores() {
        return Runtime.getRuntime().availableProcessors();
    }
}
