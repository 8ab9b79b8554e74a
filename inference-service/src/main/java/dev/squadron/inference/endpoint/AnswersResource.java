package dev.squadron.inference.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.inference.config.InferenceSettings;
import dev.squadron.inference.domain.Answer;
import dev.squadron.inference.domain.Answering;
import dev.squadron.inference.domain.Draining;
import dev.squadron.inference.domain.Overloaded;
import dev.squadron.inference.domain.Question;
import dev.squadron.inference.domain.UnusableQuestion;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.kit.http.Problem;
import dev.squadron.kit.http.Problem.FieldError;
import dev.squadron.kit.http.ProblemException;
import dev.squadron.text.hub.ModelDirectory;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Answers questions about passages. */
@Path("/v1/answers")
@Tag(name = "Answers")
public class AnswersResource {
    /** The response header that names the checkpoints that answered. */
    public static final String CHECKPOINT_HEADER = "Squadron-Checkpoint";

    /** What the header says for the model's own head. */
    public static final String OWN_HEAD = "pretrained";

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration RETRY_ELSEWHERE = Duration.ofSeconds(5);

    private final Answering answering;
    private final ModelSettings model;
    private final InferenceSettings settings;

    AnswersResource(Answering answering, ModelSettings model, InferenceSettings settings) {
        this.answering = answering;
        this.model = model;
        this.settings = settings;
    }

    /** A question, for the API's description. */
    @Schema(
            name = "Question",
            requiredProperties = {"question", "context"})
    record QuestionBody(
            @Schema(description = "The question", maxLength = 8192) String question,
            @Schema(description = "The passage that answers it", maxLength = 131072) String context) {}

    /** Several answers, for a request with {@code items}. */
    record ItemsReply(List<AnswerReply> items) {}

    @POST
    @Blocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Answers questions about passages",
            description =
                    "Takes one question, an array of them, or an object with the array items; the reply has the same"
                            + " form. The header Squadron-Checkpoint names the checkpoints that answered.")
    @APIResponse(
            responseCode = "200",
            description = "The answers",
            content = @Content(schema = @Schema(implementation = AnswerReply.class)))
    @APIResponse(responseCode = "413", description = "The body is too large")
    @APIResponse(responseCode = "415", description = "The body is not JSON")
    @APIResponse(responseCode = "422", description = "A field cannot be used")
    @APIResponse(responseCode = "429", description = "Too many questions wait; see Retry-After")
    @APIResponse(responseCode = "503", description = "No answer in time, or the service stops; see Retry-After")
    public CompletionStage<Response> answer(
            @RequestBody(
                            content =
                                    @Content(
                                            schema = @Schema(implementation = QuestionBody.class),
                                            examples =
                                                    @ExampleObject(
                                                            value =
                                                                    "{\"question\": \"Who painted the motto?\", \"context\": \"Lucien painted the motto in 1879.\"}")))
                    JsonNode body) {
        long begun = System.nanoTime();
        QuestionsForm form = QuestionsForm.read(body, settings.requestQuestions());
        List<CompletableFuture<Answer>> answers = ask(form);
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .handle((nothing, failure) -> failure == null ? reply(form, answers, begun) : failed(failure));
    }

    private List<CompletableFuture<Answer>> ask(QuestionsForm form) {
        List<Question> questions = form.questions();
        try {
            return answering.ask(questions);
        } catch (UnusableQuestion e) {
            String field = form.path(e.index());
            throw QuestionsForm.refused(new FieldError(field, field + ": " + e.getMessage()));
        } catch (Overloaded e) {
            throw new ProblemException(Problem.of(429, "overloaded", "Too many questions wait", e.getMessage()), RETRY);
        } catch (Draining e) {
            throw new ProblemException(
                    Problem.of(503, "draining", "The service stops", e.getMessage()), RETRY_ELSEWHERE);
        }
    }

    private Response reply(QuestionsForm form, List<CompletableFuture<Answer>> answers, long begun) {
        Duration total = Duration.ofNanos(System.nanoTime() - begun);
        List<Answer> done = answers.stream().map(CompletableFuture::join).toList();
        List<AnswerReply> replies = done.stream()
                .map(answer -> AnswerReply.of(answer, ModelDirectory.nameOf(model.name()), total))
                .toList();
        Object entity =
                switch (form.shape()) {
                    case ONE -> replies.get(0);
                    case ARRAY -> replies;
                    case ITEMS -> new ItemsReply(replies);
                };
        return Response.ok(entity)
                .header(
                        CHECKPOINT_HEADER,
                        done.stream()
                                .map(answer -> Objects.requireNonNullElse(answer.checkpoint(), OWN_HEAD))
                                .distinct()
                                .collect(Collectors.joining(", ")))
                .build();
    }

    private Response failed(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof TimeoutException) {
            throw new ProblemException(
                    Problem.of(
                            503,
                            "deadline",
                            "No answer in time",
                            "There was no answer within " + settings.deadline().toSeconds()
                                    + " s; ask again later, or fewer questions at once."),
                    RETRY_ELSEWHERE);
        }
        throw new CompletionException(cause);
    }
}
