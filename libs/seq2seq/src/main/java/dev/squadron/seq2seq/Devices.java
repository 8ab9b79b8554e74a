package dev.squadron.seq2seq;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.tensorflow.DeviceSpec;
import org.tensorflow.DeviceSpec.DeviceType;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GPUOptions;

/**
 * What computes. Several devices each compute a share of a batch; the CPU can be divided into several, which tests what would run on
 * several GPUs.
 *
 * @param kind of all of them
 * @param indices their numbers, from 0 on; the first keeps what they share
 * @param memoryGrowth whether a GPU's memory is taken as it is needed, rather than all of it at the start
 */
public record Devices(Kind kind, List<Integer> indices, boolean memoryGrowth) {
    private static final System.Logger LOG = System.getLogger(Devices.class.getName());
    private static final Pattern SYNTAX = Pattern.compile("(cpu|gpu)(?::(\\d{1,3}(?:[-,]\\d{1,3})*))?");
    private static final Pattern RANGE = Pattern.compile("(\\d+)(?:-(\\d+))?");

    /** Kinds of devices. */
    public enum Kind {
        /** The processor. */
        CPU,
        /** NVIDIA GPUs; they need the GPU build of TensorFlow, CUDA 12 and cuDNN 9. */
        GPU
    }

    public Devices {
        indices = List.copyOf(indices);
        if (indices.isEmpty()) {
            throw new IllegalArgumentException("There must be a device.");
        }
    }

    /** Returns the processor as one device. */
    public static Devices cpu() {
        return new Devices(Kind.CPU, List.of(0), true);
    }

    /**
     * Reads {@code cpu}, {@code gpu}, {@code gpu:1}, {@code gpu:0,2} or {@code gpu:0-3}.
     *
     * @throws IllegalArgumentException where it is something else
     */
    public static Devices parse(String text, boolean memoryGrowth) {
        Matcher parts = SYNTAX.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            throw noDevice(text);
        }
        List<Integer> indices = new ArrayList<>();
        for (String range : (parts.group(2) == null ? "0" : parts.group(2)).split(",", -1)) {
            Matcher ends = RANGE.matcher(range);
            if (!ends.matches()) {
                throw noDevice(text);
            }
            int first = Integer.parseInt(ends.group(1));
            int last = ends.group(2) == null ? first : Integer.parseInt(ends.group(2));
            if (last < first) {
                throw new IllegalArgumentException("“" + text + "” ends before it begins; name several as gpu:0-3.");
            }
            IntStream.rangeClosed(first, last).forEach(indices::add);
        }
        if (indices.stream().distinct().count() < indices.size()) {
            throw new IllegalArgumentException("“" + text + "” names a device twice; name each once.");
        }
        return new Devices(parts.group(1).equals("cpu") ? Kind.CPU : Kind.GPU, indices, memoryGrowth);
    }

    private static IllegalArgumentException noDevice(String text) {
        return new IllegalArgumentException(
                "“" + text + "” is no device; name cpu, gpu, one as gpu:1, or several as gpu:0,2 or gpu:0-3.");
    }

    /** Returns one of these devices. */
    public Devices only(int place) {
        return new Devices(kind, List.of(indices.get(place)), memoryGrowth);
    }

    /** Returns the devices as TensorFlow names them. */
    public List<DeviceSpec> specs() {
        DeviceType type = kind == Kind.CPU ? DeviceType.CPU : DeviceType.GPU;
        return indices.stream()
                .map(index -> DeviceSpec.newBuilder()
                        .deviceType(type)
                        .deviceIndex(index)
                        .build())
                .toList();
    }

    /** Returns the configuration of sessions that use them; what a GPU has no operation for is done by the processor. */
    public ConfigProto session(Threads threads) {
        ConfigProto.Builder config = ConfigProto.newBuilder()
                .setAllowSoftPlacement(kind == Kind.GPU)
                .setIntraOpParallelismThreads(threads.intraOp())
                .setInterOpParallelismThreads(threads.interOp());
        if (kind == Kind.CPU) {
            config.putDeviceCount("CPU", Collections.max(indices) + 1);
        } else {
            config.setGpuOptions(GPUOptions.newBuilder().setAllowGrowth(memoryGrowth));
        }
        return config.build();
    }

    /** Returns these devices, or where TensorFlow cannot use one of them, the processor; the log then says why in one line. */
    public Devices orCpu(Threads threads) {
        if (kind == Kind.CPU) {
            return this;
        }
        try (Graph graph = new Graph();
                Session session = new Session(
                        graph,
                        session(threads).toBuilder()
                                .setAllowSoftPlacement(false)
                                .build())) {
            for (DeviceSpec device : specs()) {
                Op one = Ops.create(graph).withDevice(device).constant(1f);
                session.run(one);
            }
            return this;
        } catch (TensorFlowException | IllegalArgumentException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "TensorFlow sees no GPU {0}, so the CPU computes. GPUs need a build with -Pgpu, NVIDIA''s driver, CUDA 12 and"
                            + " cuDNN 9 on the library path.",
                    indices);
            return cpu();
        }
    }
}
