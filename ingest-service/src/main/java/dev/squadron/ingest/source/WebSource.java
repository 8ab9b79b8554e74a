package dev.squadron.ingest.source;

import dev.squadron.ingest.domain.SourceException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Files on the web. Addresses within a private network are asked only where that is allowed, on every hop of a redirect. */
public final class WebSource {
    private static final int MAX_REDIRECTS = 5;

    private final boolean allowPrivate;
    private final HttpClient http = HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(20))
            .build();

    /** Asks private addresses too where {@code allowPrivate}. */
    public WebSource(boolean allowPrivate) {
        this.allowPrivate = allowPrivate;
    }

    /** Returns what pins the file: its ETag, else its length and time. */
    public String revision(URI address) {
        HttpResponse<InputStream> response = get(address);
        try {
            response.body().close();
            return revision(response);
        } catch (IOException e) {
            throw new SourceException(address + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    /** Opens the file if it is still the one that {@code revision} names. */
    public InputStream open(URI address, String revision) {
        HttpResponse<InputStream> response = get(address);
        if (!revision(response).equals(revision)) {
            throw new SourceException(address + " has changed since it was named; ingest it under another name.");
        }
        return response.body();
    }

    private static String revision(HttpResponse<?> response) {
        return response.headers()
                .firstValue("ETag")
                .orElseGet(() -> response.headers().firstValue("Content-Length").orElse("?") + "-"
                        + response.headers().firstValue("Last-Modified").orElse("?"));
    }

    private HttpResponse<InputStream> get(URI address) {
        URI next = address;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            check(next);
            HttpResponse<InputStream> response = send(next);
            if (response.statusCode() == 200) {
                return response;
            }
            if (response.statusCode() / 100 != 3
                    || response.headers().firstValue("Location").isEmpty()) {
                throw new SourceException(address + " is answered with status " + response.statusCode() + ".");
            }
            next = next.resolve(response.headers().firstValue("Location").get());
        }
        throw new SourceException(address + " is redirected without end.");
    }

    private HttpResponse<InputStream> send(URI address) {
        try {
            return http.send(
                    HttpRequest.newBuilder(address)
                            .timeout(Duration.ofMinutes(30))
                            .header("Accept-Encoding", "identity")
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new SourceException(address + " does not answer: " + e + ".", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SourceException("Interrupted while reading " + address + ".", e);
        }
    }

    private void check(URI address) {
        boolean web = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
        if (!web || address.getHost() == null) {
            throw new SourceException(address + " is no address on the web.");
        }
        try {
            for (InetAddress each : InetAddress.getAllByName(address.getHost())) {
                boolean inside = each.isLoopbackAddress()
                        || each.isSiteLocalAddress()
                        || each.isLinkLocalAddress()
                        || each.isAnyLocalAddress()
                        || each.isMulticastAddress();
                if (inside && !allowPrivate) {
                    throw new SourceException(address + " leads into a private network;"
                            + " allow that with squadron.ingest.allow-private-addresses=true.");
                }
            }
        } catch (UnknownHostException e) {
            throw new SourceException("The host of " + address + " is unknown.", e);
        }
    }
}
