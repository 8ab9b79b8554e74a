package dev.squadron.trainer.listener;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A client of server-sent events that reads when it is asked to, over a socket of its own. */
final class EventReader implements AutoCloseable {
    private static final int RECEIVE_BUFFER = 4_096;

    private final Socket socket = new Socket();
    private final BufferedReader reader;
    private final String status;

    /** An event: its fields by name. */
    record Event(Map<String, String> fields) {
        String name() {
            return fields.get("event");
        }

        /** Returns its data as a message. */
        <T> T as(Class<T> type) throws InvalidMessage {
            return ContractJson.read(fields.get("data").getBytes(UTF_8), type);
        }
    }

    /** Asks for a stream; reads no more than the head of the response. */
    EventReader(URI address, String... headers) throws IOException {
        socket.setReceiveBufferSize(RECEIVE_BUFFER);
        socket.connect(new InetSocketAddress(address.getHost(), address.getPort()));
        socket.getOutputStream()
                .write(("GET " + address.getPath() + " HTTP/1.0\r\nHost: " + address.getHost()
                                + "\r\nAccept: text/event-stream\r\n" + String.join("", headers) + "\r\n")
                        .getBytes(UTF_8));
        reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        status = reader.readLine();
        while (!reader.readLine().isEmpty()) {}
    }

    /** Returns the status line. */
    String status() {
        return status;
    }

    /** Returns all events up to the end of the stream. */
    List<Event> events() {
        List<Event> events = new ArrayList<>();
        for (Event event = next(); event != null; event = next()) {
            events.add(event);
        }
        return events;
    }

    /** Returns the next event, or null at the end of the stream. */
    Event next() {
        try {
            Map<String, String> fields = new HashMap<>();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.isEmpty() && fields.containsKey("event")) {
                    return new Event(fields);
                }
                int colon = line.indexOf(':');
                if (colon > 0) {
                    fields.put(
                            line.substring(0, colon), line.substring(colon + 1).strip());
                }
            }
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
