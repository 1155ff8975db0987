package io.stria.control.json;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.InjectableValues;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.VolumeEntry;
import java.io.IOException;

/**
 * The one mapper: strict when it reads (an unknown, missing or doubled field is an error), records
 * only, a scheme as {@code "2+2"}. Thread safe.
 */
public final class Json {
    private static final ObjectMapper MAPPER = mapper();

    private Json() {}

    public static ObjectMapper strict() {
        return MAPPER;
    }

    public static byte[] write(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + value, e);
        }
    }

    /**
     * @throws IOException if the bytes are not JSON of that type
     */
    public static <T> T read(byte[] bytes, int offset, int length, Class<T> type)
            throws IOException {
        T value = MAPPER.readValue(bytes, offset, length, type);
        if (value == null) {
            throw new IOException("null where a " + type.getSimpleName() + " should stand");
        }
        return value;
    }

    private static ObjectMapper mapper() {
        SimpleModule words = new SimpleModule();
        words.addSerializer(Scheme.class, ToStringSerializer.instance);
        words.addDeserializer(Scheme.class, new SchemeReader());
        return JsonMapper.builder()
                .addModule(words)
                .addMixIn(VolumeEntry.class, VolumeFields.class)
                .injectableValues(
                        new InjectableValues.Std()
                                .addValue(LbaBytes.NAME, VolumeEntry.LBA_BYTES_DEFAULT)
                                .addValue(AnyVolume.NAME, AnyVolume.ID)
                                .addValue(RebuildAfter.NAME, RebuildAfter.SECONDS_DEFAULT)
                                .addValue(VolumeFields.PLACING, Placing.AS_LISTED))
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                // An element of a list that is null would fail far from where it came in.
                .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
                .visibility(PropertyAccessor.GETTER, JsonAutoDetect.Visibility.NONE)
                .visibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE)
                .build();
    }

    private static final class SchemeReader extends FromStringDeserializer<Scheme> {
        private static final long serialVersionUID = 1L;

        SchemeReader() {
            super(Scheme.class);
        }

        @Override
        protected Scheme _deserialize(String text, DeserializationContext context)
                throws IOException {
            try {
                return Scheme.parse(text);
            } catch (IllegalArgumentException e) {
                JsonParser parser = context.getParser();
                throw new JsonMappingException(parser, e.getMessage(), e);
            }
        }
    }
}
