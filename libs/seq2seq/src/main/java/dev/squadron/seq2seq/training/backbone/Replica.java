package dev.squadron.seq2seq.training.backbone;

import dev.squadron.seq2seq.graph.Feed;
import dev.squadron.seq2seq.graph.Variables;
import java.util.Map;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TFloat32;

/** A device's copy of the pass forward and back, with frozen weights of its own. */
final class Replica {
    /** The attribute by which gradients want to be where what they are of is, which may be another device. */
    private static final String COLOCATION = "_class";

    private final Graph graph;
    private final LossGraph template;
    private final String prefix;

    /** The weights that stay. */
    final Variables frozen;

    /** Copies {@code template} into {@code graph}: what has no device in it yet is computed on {@code device}. */
    Replica(Graph graph, LossGraph template, DeviceSpec device, String prefix, Map<String, long[]> frozen) {
        this.graph = graph;
        this.template = template;
        this.prefix = prefix;
        GraphDef.Builder placed = template.def().toBuilder();
        for (NodeDef.Builder node : placed.getNodeBuilderList()) {
            if (node.getDevice().isEmpty()) {
                node.setDevice(device.toString()).removeAttr(COLOCATION);
            }
        }
        graph.importGraphDef(placed.build(), prefix);
        this.frozen = new Variables(Ops.create(graph).withDevice(device));
        frozen.forEach(this.frozen::declare);
    }

    Operand<TFloat32> loss() {
        return here(template.loss.asOutput());
    }

    Operand<TFloat32> smoothedLoss() {
        return here(template.smoothedLoss.asOutput());
    }

    Operand<TFloat32> gradient(String weight) {
        return here(template.gradients.get(weight));
    }

    Feed into(Feed feed) {
        return feed.into(prefix);
    }

    private Operand<TFloat32> here(Output<?> output) {
        return graph.outputOrThrow(prefix + "/" + output.op().name() + ":" + output.index())
                .expect(TFloat32.class);
    }
}
