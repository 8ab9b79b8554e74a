package dev.squadron.kit.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.ws.rs.core.Response;
import java.util.List;

/**
 * A problem detail (RFC 9457): the body of every error that a service answers.
 *
 * @param type names the rule, as a URN
 * @param title what is wrong, the same for each occurrence
 * @param status the HTTP status
 * @param detail what is wrong this time, and what to do
 * @param errors one for each field at fault; null where no field is
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(String type, String title, int status, String detail, List<FieldError> errors) {
    /** The media type of a problem. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /**
     * A field at fault.
     *
     * @param field its path in the request
     * @param detail the rule that it breaks, and what to do
     */
    public record FieldError(String field, String detail) {}

    /** Returns a problem whose type is {@code urn:squadron:problem:<rule>}. */
    public static Problem of(int status, String rule, String title, String detail) {
        return new Problem("urn:squadron:problem:" + rule, title, status, detail, null);
    }

    /** Returns the same problem with the fields at fault. */
    public Problem withErrors(List<FieldError> fields) {
        return new Problem(type, title, status, detail, List.copyOf(fields));
    }

    /** Returns the response that carries it. */
    public Response response() {
        return Response.status(status).type(MEDIA_TYPE).entity(this).build();
    }
}
