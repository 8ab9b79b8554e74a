package dev.squadron.kit.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.contracts.InvalidMessage;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Path;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.KafkaException;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever goes wrong in a request into a {@link Problem}; the innards of the service stay inside. */
public class ProblemMappers {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemMappers.class);
    private static final Duration RETRY = Duration.ofSeconds(10);

    @ServerExceptionMapper
    Response problem(ProblemException e) {
        Response response = e.problem().response();
        return e.retryAfter() == null
                ? response
                : Response.fromResponse(response)
                        .header(
                                HttpHeaders.RETRY_AFTER,
                                Math.max(1, e.retryAfter().toSeconds()))
                        .build();
    }

    @ServerExceptionMapper
    Response invalidMessage(InvalidMessage e) {
        return ProblemException.unusable(e.rule(), e.getMessage()).problem().response();
    }

    @ServerExceptionMapper(priority = 1)
    Response violation(ConstraintViolationException e) {
        List<Problem.FieldError> fields = e.getConstraintViolations().stream()
                .map(violation -> new Problem.FieldError(field(violation), violation.getMessage()))
                .sorted(Comparator.comparing(Problem.FieldError::field))
                .toList();
        String detail = fields.stream()
                .map(error -> error.field() + " " + error.detail())
                .collect(Collectors.joining("; ", "", "."));
        return Problem.of(422, "invalid-field", "The request cannot be used", detail)
                .withErrors(fields)
                .response();
    }

    @ServerExceptionMapper
    Response json(JsonProcessingException e) {
        String where = e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
        String field = e instanceof JsonMappingException mapping
                ? mapping.getPath().stream()
                        .map(reference -> reference.getFieldName() == null
                                ? "[" + reference.getIndex() + "]"
                                : reference.getFieldName())
                        .collect(Collectors.joining("."))
                : "";
        String what =
                field.isEmpty() ? "The body is not the JSON that is expected" : "The field " + field + " is unusable";
        return Problem.of(400, "not-json", "The body cannot be read", what + where + "; see /q/openapi for its form.")
                .response();
    }

    @ServerExceptionMapper
    Response http(WebApplicationException e) {
        if (e.getCause() instanceof JsonProcessingException cause) {
            return json(cause);
        }
        int status = e.getResponse().getStatus();
        if (status < 400) {
            return e.getResponse();
        }
        Response.Status known = Response.Status.fromStatusCode(status);
        String title = known == null ? "HTTP " + status : known.getReasonPhrase();
        return Problem.of(status, "http-" + status, title, title + "; see /q/openapi for what this service offers.")
                .response();
    }

    @ServerExceptionMapper
    Response broker(KafkaException e) {
        LOG.warn("A request failed: {}", e.toString());
        Problem problem = Problem.of(
                503,
                "no-broker",
                "Kafka does not answer",
                "The message could not be written in time and may still arrive. Send the request again when Kafka is back;"
                        + " under the same name it counts once.");
        return problem(new ProblemException(problem, RETRY));
    }

    @ServerExceptionMapper
    Response store(StoreException e) {
        LOG.warn("A request failed: {}", e.toString());
        Problem problem = Problem.of(
                503,
                "no-store",
                "The object store does not do its work",
                "The bucket could not be reached or used; the service's log says why. Send the request again when it can.");
        return problem(new ProblemException(problem, RETRY));
    }

    @ServerExceptionMapper
    Response anything(RuntimeException e) {
        LOG.error("A request failed", e);
        return Problem.of(
                        500,
                        "internal",
                        "The service failed",
                        "The request could not be answered because of a fault in the service; its log says more.")
                .response();
    }

    private static String field(ConstraintViolation<?> violation) {
        return StreamSupport.stream(violation.getPropertyPath().spliterator(), false)
                .skip(2)
                .map(Path.Node::toString)
                .collect(Collectors.joining("."));
    }
}
