package dev.squadron.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.cli.CliException;
import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.Decoding.Mode;
import dev.squadron.seq2seq.generation.GenerationConfig;
import java.util.Locale;
import picocli.CommandLine.Option;

/** How answers are searched; what is not said is as the command, and then the model or the service, has it. */
final class SearchOptions {
    @Option(
            names = "--mode",
            description =
                    "free: any words; grounded: a quotation of the passage; best: the most probable of all quotations."
                            + " Default: predict searches free, as transformers does, ask grounded.")
    private Mode mode;

    @Option(names = "--num-beams", description = "Answers followed at a time; 1 is greedy search.")
    private Integer numBeams;

    @Option(names = "--max-new-tokens", description = "Most tokens of an answer.")
    private Integer maxNewTokens;

    @Option(
            names = "--prompt-lookup-num-tokens",
            description = "Tokens that free greedy search of one question guesses ahead; 0: none.")
    private Integer guessedTokens;

    private Mode mode(Mode otherwise) {
        return mode == null ? otherwise : mode;
    }

    /**
     * Returns what was asked for.
     *
     * @param otherwise the mode where none was named
     * @param model what the model's own configuration says
     */
    Decoding decoding(Mode otherwise, GenerationConfig model) {
        if (mode(otherwise) == Mode.BEST && numBeams != null) {
            throw new CliException("--num-beams does not go with --mode best, which needs no beams; leave it out.");
        }
        try {
            Decoding suited = Decoding.of(mode(otherwise), model);
            GenerationConfig.Builder rules = suited.rules().toBuilder();
            if (numBeams != null) {
                rules.numBeams(numBeams);
            }
            if (maxNewTokens != null) {
                rules.maxNewTokens(maxNewTokens)
                        .minNewTokens(Math.min(suited.rules().minNewTokens(), maxNewTokens));
            }
            if (guessedTokens != null) {
                rules.promptLookupNumTokens(guessedTokens);
            }
            return new Decoding(suited.mode(), rules.build());
        } catch (IllegalArgumentException e) {
            throw new CliException(e.getMessage(), e);
        }
    }

    /** Adds what was asked for to a request to the service. */
    void addTo(ObjectNode request, Mode otherwise) {
        request.put("mode", mode(otherwise).name().toLowerCase(Locale.ROOT));
        ObjectNode parameters = request.putObject("parameters");
        if (numBeams != null) {
            parameters.put("num_beams", numBeams);
        }
        if (maxNewTokens != null) {
            parameters.put("max_new_tokens", maxNewTokens);
        }
        if (guessedTokens != null) {
            parameters.put("prompt_lookup_num_tokens", guessedTokens);
        }
    }
}
