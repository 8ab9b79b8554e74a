package dev.squadron.inference.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.record.Answer;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.inference.config.InferenceSettings;
import dev.squadron.inference.domain.QaLanguage;
import dev.squadron.inference.listener.FeedbackLog;
import dev.squadron.kit.http.Problem;
import dev.squadron.kit.http.ProblemException;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Takes corrections of answers: each becomes a record, from which continuous training learns. */
@Path("/v1/feedback")
@Tag(name = "Feedback")
public class FeedbackResource {
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final QaLanguage language;
    private final FeedbackLog log;
    private final int capacity;
    private final Semaphore places;

    FeedbackResource(QaLanguage language, FeedbackLog log, InferenceSettings settings) {
        this.language = language;
        this.log = log;
        this.capacity = settings.queueCapacity();
        this.places = new Semaphore(capacity);
    }

    /** A correction, for the API's description. */
    @Schema(
            name = "Correction",
            requiredProperties = {"question", "context"})
    record CorrectionBody(
            @Schema(description = "The question", maxLength = 8192) String question,
            @Schema(description = "The passage", maxLength = 131072) String context,
            @Schema(description = "The right answer, in words of the passage", maxLength = 4096) String answer,
            @Schema(
                            description =
                                    "In place of answer: several, with their places in code points; the first one is learned")
                    List<Answer> answers,
            @Schema(description = "In place of answer: that the passage does not answer the question")
                    Boolean isImpossible,
            @Schema(
                            description =
                                    "Its name: posted twice, it counts once. Without one, a later correction of the same"
                                            + " question about the same passage takes its place",
                            maxLength = 256)
                    String id,
            @Schema(description = "The data set that it belongs to", defaultValue = FeedbackForm.DATASET)
                    String dataset) {}

    /** What became of a correction. */
    @Schema(name = "CorrectionTaken")
    record FeedbackReply(
            @Schema(description = "The data set that it belongs to") String dataset,
            @Schema(description = "Its name there") String id) {}

    @POST
    @Blocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Takes the right answer to a question",
            description =
                    "It is written to squadron.records.v1 as a record of the training split. In continuous mode it is"
                            + " folded into the live head within a minute, unless the gate refuses it.")
    @APIResponse(
            responseCode = "202",
            description = "The brokers have it",
            content = @Content(schema = @Schema(implementation = FeedbackReply.class)))
    @APIResponse(responseCode = "413", description = "The body is too large")
    @APIResponse(responseCode = "415", description = "The body is not JSON")
    @APIResponse(responseCode = "422", description = "The correction breaks a rule for records, which the reply names")
    @APIResponse(responseCode = "429", description = "Too many corrections wait; see Retry-After")
    @APIResponse(responseCode = "503", description = "Kafka does not answer; see Retry-After")
    public Response take(
            @RequestBody(
                            content =
                                    @Content(
                                            schema = @Schema(implementation = CorrectionBody.class),
                                            examples =
                                                    @ExampleObject(
                                                            value =
                                                                    "{\"question\": \"Who painted the motto?\", \"context\": \"Lucien painted the motto in 1879.\", \"answer\": \"Lucien\"}")))
                    JsonNode body)
            throws InvalidMessage {
        QaRecord record = FeedbackForm.read(body);
        language.prompt().input(record.question(), record.context());
        if (!places.tryAcquire()) {
            throw new ProblemException(
                    Problem.of(
                            429,
                            "overloaded",
                            "Too many corrections wait",
                            capacity + " corrections wait for Kafka already; send this one again soon."),
                    RETRY);
        }
        try {
            log.write(record);
        } finally {
            places.release();
        }
        return Response.accepted(new FeedbackReply(record.dataset(), record.id()))
                .build();
    }
}
