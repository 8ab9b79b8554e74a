package dev.squadron.inference.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.inference.domain.Decodings;
import dev.squadron.kit.http.Problem.FieldError;
import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.Decoding.Mode;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.generation.GenerationConfig.EarlyStopping;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Reads how answers are to be searched: {@code mode}, and {@code parameters} with transformers' names. */
final class DecodingForm {
    /** Tokens of the shortest quotation and its end. */
    private static final int SHORTEST_QUOTATION = 2;

    private static final Set<Mode> ANY = EnumSet.allOf(Mode.class);
    private static final Set<Mode> BEAMS = EnumSet.of(Mode.FREE, Mode.GROUNDED);
    private static final Set<Mode> FREE = EnumSet.of(Mode.FREE);

    /** What only matters where tokens are drawn. */
    private static final List<String> SAMPLING = List.of("temperature", "top_k", "top_p", "seed");

    private record Parameter(
            Set<Mode> modes,
            String rule,
            Predicate<JsonNode> allows,
            BiConsumer<GenerationConfig.Builder, JsonNode> set) {}

    private final Decodings decodings;
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();

    DecodingForm(Decodings decodings) {
        this.decodings = decodings;
        int longest = decodings.model().maxNewTokens();
        whole("max_new_tokens", 1, longest, ANY, (rules, value) -> rules.maxNewTokens(value.intValue()));
        whole("min_new_tokens", 0, longest, FREE, (rules, value) -> rules.minNewTokens(value.intValue()));
        whole(
                "num_return_sequences",
                1,
                decodings.beams(),
                ANY,
                (rules, value) -> rules.numReturnSequences(value.intValue()));
        whole("num_beams", 1, decodings.beams(), BEAMS, (rules, value) -> rules.numBeams(value.intValue()));
        number("length_penalty", -10, 10, BEAMS, (rules, value) -> rules.lengthPenalty(value.floatValue()));
        parameters.put(
                "early_stopping",
                new Parameter(
                        FREE,
                        "true, false or \"never\"",
                        value -> value.isBoolean() || value.asText().equals("never"),
                        (rules, value) -> rules.earlyStopping(
                                value.isBoolean()
                                        ? value.booleanValue() ? EarlyStopping.TRUE : EarlyStopping.FALSE
                                        : EarlyStopping.NEVER)));
        parameters.put(
                "do_sample",
                new Parameter(
                        FREE,
                        "true or false",
                        JsonNode::isBoolean,
                        (rules, value) -> rules.doSample(value.booleanValue())));
        number("temperature", 0.01, 100, FREE, (rules, value) -> rules.temperature(value.floatValue()));
        whole("top_k", 0, Integer.MAX_VALUE, FREE, (rules, value) -> rules.topK(value.intValue()));
        number("top_p", 0, 1, FREE, (rules, value) -> rules.topP(value.floatValue()));
        whole("seed", Long.MIN_VALUE, Long.MAX_VALUE, FREE, (rules, value) -> rules.seed(value.longValue()));
        number("repetition_penalty", 0.01, 100, FREE, (rules, value) -> rules.repetitionPenalty(value.floatValue()));
        whole("no_repeat_ngram_size", 0, longest, FREE, (rules, value) -> rules.noRepeatNgramSize(value.intValue()));
        whole(
                "prompt_lookup_num_tokens",
                0,
                longest,
                FREE,
                (rules, value) -> rules.promptLookupNumTokens(value.intValue()));
    }

    /** Returns what is meant where a request says nothing. */
    Decoding usual() {
        return decodings.of(decodings.mode());
    }

    /**
     * Reads how answers are to be searched.
     *
     * @param json has {@code mode} and {@code parameters}, or only one of them, or none
     * @param prefix of the fields' paths
     * @param outer what is meant where it has neither; parameters of another mode do not count
     * @param errors takes what is wrong
     */
    Decoding read(JsonNode json, String prefix, Decoding outer, List<FieldError> errors) {
        Decoding from = json.has("mode") ? mode(json.get("mode"), prefix + "mode", outer, errors) : outer;
        if (!json.has("parameters")) {
            return from;
        }
        JsonNode given = json.get("parameters");
        String path = prefix + "parameters";
        if (!given.isObject()) {
            errors.add(new FieldError(path, path + " must be an object; known in it are " + known() + "."));
            return from;
        }
        int before = errors.size();
        GenerationConfig.Builder rules = from.rules().toBuilder();
        given.properties().forEach(each -> set(rules, each, path, from.mode(), errors));
        return errors.size() == before ? build(rules, given, path, from, errors) : from;
    }

    private Decoding mode(JsonNode json, String path, Decoding outer, List<FieldError> errors) {
        for (Mode mode : Mode.values()) {
            if (json.isTextual() && json.textValue().equals(name(mode))) {
                return mode == outer.mode() ? outer : decodings.of(mode);
            }
        }
        errors.add(new FieldError(path, path + " is " + json + "; it must be one of " + names(ANY) + "."));
        return outer;
    }

    private void set(
            GenerationConfig.Builder rules,
            Map.Entry<String, JsonNode> given,
            String path,
            Mode mode,
            List<FieldError> errors) {
        String field = path + "." + given.getKey();
        Parameter parameter = parameters.get(given.getKey());
        if (parameter == null) {
            errors.add(new FieldError(field, field + " is not known; known are " + known() + "."));
        } else if (!parameter.modes().contains(mode)) {
            errors.add(new FieldError(
                    field,
                    field + " goes with mode " + names(parameter.modes()) + " and the mode is " + name(mode)
                            + "; leave it out, or choose another mode."));
        } else if (!parameter.allows().test(given.getValue())) {
            errors.add(new FieldError(
                    field, field + " is " + given.getValue() + "; it must be " + parameter.rule() + "."));
        } else {
            parameter.set().accept(rules, given.getValue());
        }
    }

    private Decoding build(
            GenerationConfig.Builder rules, JsonNode given, String path, Decoding from, List<FieldError> errors) {
        Mode mode = from.mode();
        int most = given.path("max_new_tokens").asInt(from.rules().maxNewTokens());
        if (mode != Mode.FREE && most < SHORTEST_QUOTATION) {
            String field = path + ".max_new_tokens";
            errors.add(new FieldError(
                    field,
                    field + " is " + most + "; a quotation and its end need at least " + SHORTEST_QUOTATION + "."));
            return from;
        }
        for (String name : SAMPLING) {
            if (given.has(name)
                    && !given.path("do_sample").asBoolean(from.rules().doSample())) {
                String field = path + "." + name;
                errors.add(new FieldError(
                        field, field + " has no effect without do_sample; set do_sample to true, or leave it out."));
            }
        }
        if (!given.has("min_new_tokens")) {
            rules.minNewTokens(Math.min(from.rules().minNewTokens(), most));
        }
        if (mode != Mode.FREE && !given.has("num_beams")) {
            int wanted = given.path("num_return_sequences").asInt(from.rules().numReturnSequences());
            rules.numBeams(Math.max(wanted, from.rules().numBeams()));
        }
        try {
            return new Decoding(mode, rules.build());
        } catch (IllegalArgumentException e) {
            errors.add(new FieldError(path, path + ": " + e.getMessage()));
            return from;
        }
    }

    private void whole(
            String name, long least, long most, Set<Mode> modes, BiConsumer<GenerationConfig.Builder, JsonNode> set) {
        parameters.put(
                name,
                new Parameter(
                        modes,
                        "a whole number from " + least + " to " + most,
                        value -> value.isIntegralNumber()
                                && value.canConvertToLong()
                                && value.longValue() >= least
                                && value.longValue() <= most,
                        set));
    }

    private void number(
            String name,
            double least,
            double most,
            Set<Mode> modes,
            BiConsumer<GenerationConfig.Builder, JsonNode> set) {
        parameters.put(
                name,
                new Parameter(
                        modes,
                        "a number from " + least + " to " + most,
                        value -> value.isNumber() && value.doubleValue() >= least && value.doubleValue() <= most,
                        set));
    }

    private String known() {
        return String.join(", ", parameters.keySet());
    }

    private static String names(Set<Mode> modes) {
        return Arrays.stream(Mode.values())
                .filter(modes::contains)
                .map(DecodingForm::name)
                .collect(Collectors.joining(", "));
    }

    private static String name(Mode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }
}
