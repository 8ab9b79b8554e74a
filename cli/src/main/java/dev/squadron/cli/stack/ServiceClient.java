package dev.squadron.cli.stack;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.cli.CliException;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Asks the services over REST; a problem that one answers becomes a {@link CliException} with its words. */
public final class ServiceClient {
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** Asks for a resource. */
    public JsonNode get(String address) {
        return send("GET", address, "application/json", BodyPublishers.noBody());
    }

    /** Asks for a resource that may not be there. */
    public Optional<JsonNode> find(String address) {
        HttpResponse<byte[]> response = exchange("GET", address, "application/json", BodyPublishers.noBody());
        return response.statusCode() == 404 ? Optional.empty() : Optional.of(read(address, response));
    }

    /** Posts JSON. */
    public JsonNode post(String address, Object body) {
        return send("POST", address, "application/json", BodyPublishers.ofByteArray(ContractJson.write(body)));
    }

    /** Puts a file. */
    public JsonNode put(String address, Path file) {
        try {
            return send("PUT", address, "application/octet-stream", BodyPublishers.ofFile(file));
        } catch (IOException e) {
            throw new CliException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private JsonNode send(String method, String address, String type, BodyPublisher body) {
        return read(address, exchange(method, address, type, body));
    }

    private HttpResponse<byte[]> exchange(String method, String address, String type, BodyPublisher body) {
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create(address))
                            .timeout(Duration.ofMinutes(10))
                            .header("Content-Type", type)
                            .method(method, body)
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new CliException(address + " does not answer: " + e + ". Look at it with `squadron status`.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("Interrupted while waiting for " + address, e);
        }
    }

    private static JsonNode read(String address, HttpResponse<byte[]> response) {
        try {
            JsonNode json = response.body().length == 0
                    ? ContractJson.mapper().nullNode()
                    : ContractJson.readTree(response.body());
            if (response.statusCode() >= 400) {
                throw new CliException(
                        json.path("detail").asText("Status " + response.statusCode() + " from " + address));
            }
            return json;
        } catch (InvalidMessage e) {
            throw new CliException(
                    address + " answers with status " + response.statusCode() + " and no JSON; is it Squadron's?", e);
        }
    }
}
