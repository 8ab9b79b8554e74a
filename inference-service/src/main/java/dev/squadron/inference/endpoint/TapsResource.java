package dev.squadron.inference.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.record.RecordLimits;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.inference.config.InferenceSettings;
import dev.squadron.inference.domain.Decodings;
import dev.squadron.inference.domain.Inspection;
import dev.squadron.inference.domain.Question;
import dev.squadron.inference.domain.UnusableQuestion;
import dev.squadron.kit.http.Problem;
import dev.squadron.kit.http.Problem.FieldError;
import dev.squadron.kit.http.ProblemException;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Shows hidden states and attention while the model answers a question, where the settings allow it. */
@Path("/v1/debug/taps")
@Singleton
@Tag(name = "Debug")
public class TapsResource {
    /** Most numbers of a reply in JSON; safetensors may have more. */
    private static final int JSON_ELEMENTS = 100_000;

    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Inspection inspection;
    private final DecodingForm decodings;
    private final InferenceSettings settings;
    private final Semaphore one = new Semaphore(1);

    TapsResource(Inspection inspection, Decodings decodings, InferenceSettings settings) {
        this.inspection = inspection;
        this.decodings = new DecodingForm(decodings);
        this.settings = settings;
    }

    /** The names of what can be looked at. */
    record TapsReply(List<String> taps) {}

    /**
     * What stands at a tap.
     *
     * @param values row by row
     */
    record TapReply(String name, List<Long> shape, float[] values) {}

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "Names what can be looked at in the model")
    @APIResponse(responseCode = "200", description = "The names, in the order of the computation")
    @APIResponse(responseCode = "404", description = "Looking is not allowed; SQUADRON_INFERENCE_TAPS=true allows it")
    public TapsReply taps() {
        checkAllowed();
        return new TapsReply(inspection.taps());
    }

    @POST
    @Path("/{tap}")
    @Blocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Shows hidden states, [length, d_model], or attention, [heads, queries, keys], of a question",
            description =
                    "Takes question and context, and the answer that the decoder is made to write; without one, it is what"
                            + " the live head answers. Accept: application/octet-stream gets a safetensors file.")
    @APIResponse(responseCode = "200", description = "The shape, and the values row by row")
    @APIResponse(responseCode = "404", description = "There is no such tap, or looking is not allowed")
    @APIResponse(responseCode = "422", description = "A field cannot be used, or JSON is no form for so many values")
    @APIResponse(responseCode = "429", description = "Somebody else is looking; see Retry-After")
    public TapReply json(@PathParam("tap") String tap, JsonNode body) {
        TensorView seen = look(tap, body);
        if (seen.elements() > JSON_ELEMENTS) {
            throw ProblemException.unusable(
                    "too-large-for-json",
                    tap + " has " + seen.elements() + " values and JSON may have " + JSON_ELEMENTS
                            + "; ask with Accept: application/octet-stream for a safetensors file.");
        }
        return new TapReply(seen.name(), seen.shape(), seen.floats());
    }

    @POST
    @Path("/{tap}")
    @Blocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_OCTET_STREAM)
    @Operation(hidden = true)
    public byte[] safetensors(@PathParam("tap") String tap, JsonNode body) {
        TensorView seen = look(tap, body);
        try {
            java.nio.file.Path file = Files.createTempFile("tap", ".safetensors");
            try {
                SafetensorsWriter.write(file, List.of(seen), Map.of());
                return Files.readAllBytes(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TensorView look(String tap, JsonNode body) {
        checkAllowed();
        if (!inspection.taps().contains(tap)) {
            throw ProblemException.notFound("There is no tap " + tap + "; GET /v1/debug/taps lists them.");
        }
        QuestionsForm form = QuestionsForm.read(body, 1, decodings);
        Question question = form.questions().get(0);
        Optional<String> answer = answer(body);
        if (!one.tryAcquire()) {
            throw new ProblemException(
                    Problem.of(
                            429, "overloaded", "Somebody else is looking", "One may look at a time; ask again soon."),
                    RETRY);
        }
        try {
            return inspection.look(tap, question, answer);
        } catch (UnusableQuestion e) {
            String field = form.path(0);
            throw QuestionsForm.refused(new FieldError(field, field + ": " + e.getMessage()));
        } finally {
            one.release();
        }
    }

    private static Optional<String> answer(JsonNode body) {
        if (!body.has("answer")) {
            return Optional.empty();
        }
        List<FieldError> errors = new ArrayList<>();
        String answer = QuestionsForm.text(body, "answer", "", RecordLimits.MAX_ANSWER, errors);
        QuestionsForm.check(errors);
        return Optional.of(answer);
    }

    private void checkAllowed() {
        if (!settings.taps()) {
            throw ProblemException.notFound(
                    "Looking into the model is not allowed; SQUADRON_INFERENCE_TAPS=true allows it.");
        }
    }
}
