package dev.squadron.ingest.endpoint;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.dataset.DatasetEvent;
import dev.squadron.contracts.dataset.DatasetEvent.Source;
import dev.squadron.contracts.dataset.DatasetEvent.State;
import dev.squadron.contracts.record.RecordLimits;
import dev.squadron.contracts.record.Split;
import dev.squadron.contracts.run.Augmentation;
import dev.squadron.ingest.domain.SourceException;
import dev.squadron.ingest.domain.SourceReader;
import dev.squadron.ingest.listener.Datasets;
import dev.squadron.kit.http.ProblemException;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Data sets over REST: ask for one, look at it, stop it. */
@Path("/v1/datasets")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Tag(name = "datasets")
public class DatasetsResource {
    private final Datasets datasets;
    private final SourceReader reader;

    DatasetsResource(Datasets datasets, SourceReader reader) {
        this.datasets = datasets;
        this.reader = reader;
    }

    /** Begins to take a data set in; its sources are looked at before this returns. */
    @POST
    @Operation(summary = "Ingest a data set")
    public RestResponse<DatasetEvent> open(@Valid @NotNull(message = "is missing") DatasetRequest request)
            throws InvalidMessage {
        if (datasets.state(request.name()).isPresent()) {
            throw ProblemException.conflict(
                    "dataset-exists", "There is a data set " + request.name() + " already; choose another name.");
        }
        Augmentation augmentation = request.augmentation() == null ? null : Augmentation.of(request.augmentation());
        try {
            DatasetEvent opened = datasets.open(
                    request.name(), sources(request), augmentation, Objects.requireNonNullElse(request.seed(), 0L));
            return RestResponse.ResponseBuilder.<DatasetEvent>accepted(opened)
                    .location(URI.create("/v1/datasets/" + request.name()))
                    .build();
        } catch (SourceException e) {
            throw ProblemException.unusable("bad-source", e.getMessage());
        }
    }

    /** Returns all data sets, by name. */
    @GET
    @Operation(summary = "List the data sets")
    public Collection<DatasetEvent> all() {
        return datasets.states();
    }

    /** Returns one data set. */
    @GET
    @Path("/{name}")
    @Operation(summary = "Show a data set")
    public DatasetEvent one(@PathParam("name") String name) {
        return datasets.state(name).orElseThrow(() -> unknown(name));
    }

    /** Stops taking a data set in; what has been written stays. */
    @DELETE
    @Path("/{name}")
    @Operation(summary = "Cancel the ingestion of a data set")
    public RestResponse<Void> cancel(@PathParam("name") String name) {
        DatasetEvent state = datasets.state(name).orElseThrow(() -> unknown(name));
        if (state.state() != State.INGESTING) {
            throw ProblemException.conflict(
                    "dataset-ended",
                    "The data set " + name + " is " + state.state().label() + " and cannot be cancelled.");
        }
        datasets.cancel(name);
        return RestResponse.accepted();
    }

    /** Seals a data set whose records others have written to the topic: from now on it can be learned from. */
    @POST
    @Path("/{name}/seal")
    @Operation(summary = "Seal a data set that other producers have written")
    public RestResponse<DatasetEvent> seal(@PathParam("name") String name) {
        if (!RecordLimits.DATASET.matcher(name).matches()) {
            throw ProblemException.unusable(
                    "bad-name", "The dataset's name must match " + RecordLimits.DATASET.pattern() + ".");
        }
        if (datasets.state(name).isPresent()) {
            throw ProblemException.conflict(
                    "dataset-exists", "There is a data set " + name + " already, and ingest seals it by itself.");
        }
        return RestResponse.accepted(datasets.seal(name));
    }

    private List<Source> sources(DatasetRequest request) {
        if ((request.sources() == null) == (request.from() == null)) {
            throw new SourceException("Name either sources or, in from, the data set whose sources are read again.");
        }
        if (request.from() == null) {
            return request.sources().stream()
                    .map(DatasetRequest.SourceRequest::toSource)
                    .peek(DatasetsResource::checkSplit)
                    .flatMap(source -> reader.pin(source).stream())
                    .toList();
        }
        DatasetEvent from = datasets.state(request.from()).orElseThrow(() -> unknown(request.from()));
        if (from.sources().isEmpty()) {
            throw new SourceException("The data set " + request.from()
                    + " was written to the topic by other producers and has no sources to read again; name sources.");
        }
        return from.sources();
    }

    private static void checkSplit(Source source) {
        if (source.split() != null && Split.of(source.split()).isEmpty()) {
            throw new SourceException("The split “" + source.split() + "” is unknown; use train or validation.");
        }
    }

    private static ProblemException unknown(String name) {
        return ProblemException.notFound("There is no data set " + name + "; GET /v1/datasets lists them.");
    }
}
