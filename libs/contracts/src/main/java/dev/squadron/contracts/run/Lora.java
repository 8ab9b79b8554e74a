package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Fault.require;

import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Low-rank adapters, W' = W + alpha/rank · B·A (Hu et al., 2021), in PEFT's terms.
 *
 * @param rank columns of B and rows of A
 * @param alpha scale of the adapters
 * @param dropout of the adapters' input
 * @param targetModules the linear layers that get one, by the last part of their names
 */
public record Lora(Integer rank, Integer alpha, Double dropout, List<String> targetModules) {
    private static final Set<String> MODULES = Set.of(
            "q", "k", "v", "o", "wi", "wi_0", "wi_1", "wo", "q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2");

    public Lora {
        rank = Objects.requireNonNullElse(rank, 8);
        alpha = Objects.requireNonNullElse(alpha, 16);
        dropout = Objects.requireNonNullElse(dropout, 0.0);
        targetModules = targetModules == null ? List.of("q", "v") : List.copyOf(targetModules);
        require(rank >= 1 && rank <= 1024, "rank", rank, "from 1 to 1024");
        require(alpha >= 1 && alpha <= 65_536, "alpha", alpha, "from 1 to 65536");
        require(dropout >= 0 && dropout < 1, "dropout", dropout, "at least 0, below 1");
        require(
                !targetModules.isEmpty()
                        && MODULES.containsAll(targetModules)
                        && Set.copyOf(targetModules).size() == targetModules.size(),
                "target_modules",
                targetModules,
                "one or more of q, k, v, o, wi, wi_0, wi_1, wo (T5), q_proj, k_proj, v_proj, out_proj, fc1, fc2 (BART),"
                        + " each once");
    }
}
