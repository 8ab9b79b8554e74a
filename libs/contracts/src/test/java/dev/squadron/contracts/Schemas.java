package dev.squadron.contracts;

import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;

/** The published schemas, by name. */
public final class Schemas {
    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(
            SpecVersion.VersionFlag.V202012,
            factory -> factory.schemaMappers(mappers -> mappers.mappings(iri -> iri.startsWith("urn:squadron:schema:")
                    ? "classpath:dev/squadron/contracts/" + iri.replaceAll("urn:squadron:schema:|:v1", "")
                            + ".schema.json"
                    : iri)));

    private Schemas() {}

    /** Returns a schema, for instance {@code recipe}. */
    public static JsonSchema named(String name) {
        return FACTORY.getSchema(SchemaLocation.of("urn:squadron:schema:" + name + ":v1"));
    }
}
