package dev.squadron.ingest.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.ingest.domain.Candidate;
import dev.squadron.ingest.domain.Candidates;
import dev.squadron.ingest.domain.SourceException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.Type;

/** Parquet, row group by row group; a row becomes JSON and goes the way of JSON Lines. */
final class ParquetFormat implements Candidates {
    private final Path file;
    private final Columns columns;
    private final ParquetFileReader reader;
    private final MessageColumnIO io;
    private RecordReader<Group> rows;
    private long left;

    ParquetFormat(Path file, Columns columns) {
        this.file = file;
        this.columns = columns;
        try {
            reader = ParquetFileReader.open(
                    new LocalInputFile(file),
                    ParquetReadOptions.builder(new PlainParquetConfiguration()).build());
            io = new ColumnIOFactory().getColumnIO(reader.getFileMetaData().getSchema());
        } catch (IOException | RuntimeException e) {
            throw new SourceException(file.getFileName() + " is no readable Parquet file: " + e.getMessage() + ".", e);
        }
    }

    @Override
    public boolean hasNext() {
        try {
            while (left == 0) {
                PageReadStore group = reader.readNextRowGroup();
                if (group == null) {
                    return false;
                }
                left = group.getRowCount();
                rows = io.getRecordReader(
                        group, new GroupRecordConverter(reader.getFileMetaData().getSchema()));
            }
            return true;
        } catch (IOException | RuntimeException e) {
            throw new SourceException(file.getFileName() + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    @Override
    public Candidate next() {
        if (!hasNext()) {
            throw new NoSuchElementException(file + " has no more rows");
        }
        left--;
        return new JsonCandidate(ContractJson.write(object(rows.read())), columns);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    private static ObjectNode object(Group group) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        GroupType type = group.getType();
        for (int field = 0; field < type.getFieldCount(); field++) {
            if (group.getFieldRepetitionCount(field) > 0) {
                object.set(type.getFieldName(field), value(group, field));
            }
        }
        return object;
    }

    private static JsonNode value(Group group, int field) {
        Type type = group.getType().getType(field);
        if (type.isRepetition(Type.Repetition.REPEATED)) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (int i = 0; i < group.getFieldRepetitionCount(field); i++) {
                array.add(single(group, field, i));
            }
            return array;
        }
        return single(group, field, 0);
    }

    private static JsonNode single(Group group, int field, int index) {
        Type type = group.getType().getType(field);
        if (!type.isPrimitive()) {
            Group inner = group.getGroup(field, index);
            return type.getLogicalTypeAnnotation() instanceof LogicalTypeAnnotation.ListLogicalTypeAnnotation
                    ? list(inner)
                    : object(inner);
        }
        JsonNodeFactory json = JsonNodeFactory.instance;
        return switch (type.asPrimitiveType().getPrimitiveTypeName()) {
            case BOOLEAN -> json.booleanNode(group.getBoolean(field, index));
            case INT32 -> json.numberNode(group.getInteger(field, index));
            case INT64 -> json.numberNode(group.getLong(field, index));
            case FLOAT -> json.numberNode(group.getFloat(field, index));
            case DOUBLE -> json.numberNode(group.getDouble(field, index));
            case BINARY, FIXED_LEN_BYTE_ARRAY, INT96 -> json.textNode(group.getString(field, index));
        };
    }

    /** A list is a group with one repeated group, which has one element. */
    private static ArrayNode list(Group group) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < group.getFieldRepetitionCount(0); i++) {
            if (group.getType().getType(0).isPrimitive()) {
                array.add(single(group, 0, i));
            } else {
                Group element = group.getGroup(0, i);
                array.add(
                        element.getFieldRepetitionCount(0) == 0
                                ? JsonNodeFactory.instance.nullNode()
                                : value(element, 0));
            }
        }
        return array;
    }
}
