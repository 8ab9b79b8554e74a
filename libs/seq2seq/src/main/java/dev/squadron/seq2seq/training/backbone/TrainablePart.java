package dev.squadron.seq2seq.training.backbone;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.lora.LoraConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which weights of a model learn and which stay.
 *
 * @param learning shapes of those that learn, by name
 * @param frozen shapes of those that stay, by name
 * @param head the name of the head's matrix, which is among them
 * @param lora what is adapted
 */
record TrainablePart(
        SortedMap<String, long[]> learning, Map<String, long[]> frozen, String head, Optional<LoraConfig> lora) {

    /** The bias of the logits, [vocab_size], which no training changes. */
    static final String HEAD_BIAS = Head.BIAS;

    /** @throws ModelException where the model has no such part */
    static TrainablePart of(Tuning tuning, ModelConfig config) {
        Map<String, long[]> all = new LinkedHashMap<>(config.weights());
        boolean untied = !config.tieWordEmbeddings() || tuning instanceof Tuning.LastBlocks;
        String head = untied ? Head.TENSOR : config.embedding();
        all.put(head, new long[] {config.vocabSize(), config.dModel()});
        if (config.hasHeadBias()) {
            all.put(HEAD_BIAS, new long[] {config.vocabSize()});
        }
        SortedMap<String, long[]> learning = new TreeMap<>();
        if (tuning instanceof Tuning.Lora lora) {
            int rank = lora.config().rank();
            lora.config().adapted(config).forEach((name, shape) -> {
                learning.put(LoraConfig.a(name), new long[] {rank, shape[1]});
                learning.put(LoraConfig.b(name), new long[] {shape[0], rank});
            });
            return new TrainablePart(learning, all, head, Optional.of(lora.config()));
        }
        if (tuning instanceof Tuning.LastBlocks last) {
            for (String prefix : prefixes(last.blocks(), config)) {
                all.keySet().stream()
                        .filter(name -> name.startsWith(prefix))
                        .forEach(name -> learning.put(name, all.get(name)));
            }
            learning.put(head, all.get(head));
        } else {
            learning.putAll(all);
            learning.remove(HEAD_BIAS);
        }
        all.keySet().removeAll(learning.keySet());
        return new TrainablePart(learning, all, head, Optional.empty());
    }

    private static String[] prefixes(int blocks, ModelConfig config) {
        int of = config.decoderBlocks();
        if (blocks > of) {
            throw new ModelException("The last " + blocks + " decoder blocks are to learn and the model has " + of
                    + "; let no more learn.");
        }
        String[] prefixes = new String[blocks];
        Arrays.setAll(prefixes, i -> config.decoderBlock(of - blocks + i));
        return prefixes;
    }

    /** Returns whether a weight learns. */
    boolean learns(String weight) {
        return learning.containsKey(weight);
    }

    /** Returns the configuration of LoRA where it adapts a weight. */
    Optional<LoraConfig> loraOf(String weight) {
        return lora.filter(config -> learns(LoraConfig.a(weight)));
    }
}
