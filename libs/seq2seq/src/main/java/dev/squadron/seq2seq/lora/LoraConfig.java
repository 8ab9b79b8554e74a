package dev.squadron.seq2seq.lora;

import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Low-rank adaptation of a frozen model: W' = W + (alpha / rank) · B · A, where only A, [rank, in], and B, [out, rank], learn (Hu et
 * al., “LoRA: Low-Rank Adaptation of Large Language Models”, 2022). Names are those of PEFT.
 *
 * @param rank rows of A, columns of B
 * @param alpha the change is scaled by alpha / rank
 * @param dropout probability with which an element of what A multiplies is 0 in training
 * @param targetModules names, or the last parts of names, of the modules that are adapted: {@code q}, {@code SelfAttention.q}
 */
public record LoraConfig(int rank, double alpha, double dropout, SortedSet<String> targetModules) {
    private static final String WEIGHT = ".weight";

    public LoraConfig {
        if (rank < 1 || rank > 1 << 16) {
            throw new IllegalArgumentException("The rank of LoRA is " + rank + "; it must be from 1 to 65536.");
        }
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("The alpha of LoRA is " + alpha + "; it must be above 0.");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("The dropout of LoRA is " + dropout + "; it must be from 0 to below 1.");
        }
        if (targetModules.isEmpty()) {
            throw new IllegalArgumentException("LoRA has no target modules; name some, as q and v.");
        }
        targetModules = new TreeSet<>(targetModules);
    }

    /** Returns a configuration without dropout. */
    public static LoraConfig of(int rank, double alpha, String... targetModules) {
        return new LoraConfig(rank, alpha, 0, new TreeSet<>(List.of(targetModules)));
    }

    /** Returns alpha / rank. */
    public double scaling() {
        return alpha / rank;
    }

    /** Returns the name of A of a weight. */
    public static String a(String weight) {
        return module(weight) + ".lora_A" + WEIGHT;
    }

    /** Returns the name of B of a weight. */
    public static String b(String weight) {
        return module(weight) + ".lora_B" + WEIGHT;
    }

    /**
     * Returns the shapes, [out, in], of the weights of a model that are adapted, by name.
     *
     * @throws ModelException where a target module is none of the model's
     */
    public SortedMap<String, long[]> adapted(ModelConfig model) {
        SortedMap<String, long[]> adapted = new TreeMap<>();
        SortedSet<String> found = new TreeSet<>();
        SortedSet<String> known = new TreeSet<>();
        for (Map.Entry<String, long[]> weight : model.weights().entrySet()) {
            if (weight.getValue().length == 2) {
                String module = module(weight.getKey());
                known.add(module.substring(module.lastIndexOf('.') + 1));
                for (String target : targetModules) {
                    if (module.equals(target) || module.endsWith("." + target)) {
                        adapted.put(weight.getKey(), weight.getValue());
                        found.add(target);
                    }
                }
            }
        }
        if (!found.containsAll(targetModules)) {
            SortedSet<String> unknown = new TreeSet<>(targetModules);
            unknown.removeAll(found);
            throw new ModelException("The model has no modules " + unknown + " that LoRA could adapt; it has " + known
                    + ". Name some of these in target_modules.");
        }
        return adapted;
    }

    private static String module(String weight) {
        return weight.substring(0, weight.length() - WEIGHT.length());
    }
}
