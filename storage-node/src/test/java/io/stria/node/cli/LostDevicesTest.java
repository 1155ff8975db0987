package io.stria.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.control.json.Json;
import io.stria.node.cluster.ClusterNode;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LostDevicesTest {
    private static final String DEVICE =
            "{\"slot\":%s,\"id\":\"%s\",\"node\":2,\"sizeBytes\":4096,\"state\":\"%s\"}";
    private static final UUID LOST = new UUID(2, 1);
    private static final UUID BLANK = new UUID(2, 2);

    /** Also after the lost one has been rebuilt elsewhere, while nobody looked. */
    @ParameterizedTest
    @CsvSource({"unavailable,1", "removed,1", "failed,0", "online,0"})
    void aBlankDeviceTakesTheSlotOfOneThatIsGone(String state, int pairs) throws IOException {
        JsonNode devices =
                Json.strict()
                        .readTree(
                                "[%s,%s]"
                                        .formatted(
                                                DEVICE.formatted(7, LOST, state),
                                                DEVICE.formatted("null", BLANK, "unplaced")));
        ClusterNode node = new ClusterNode(2, "127.0.0.1", 1, 3, 4, 5, "", "", true, List.of());
        LostDevices found = new LostDevices(node, devices);
        assertEquals(pairs, found.pairs().size());
        assertTrue(pairs == 1 || found.leftOver().getFirst().contains(BLANK.toString()));
    }

    @Test
    void aDeviceThatWasGivenUpTakesNoOtherSlotBeforeItHasLeftItsOwn() throws IOException {
        JsonNode devices =
                Json.strict()
                        .readTree(
                                "[%s,%s,%s]"
                                        .formatted(
                                                DEVICE.formatted(6, LOST, "removed"),
                                                DEVICE.formatted(7, BLANK, "failed"),
                                                DEVICE.formatted("null", BLANK, "unplaced")));
        ClusterNode node = new ClusterNode(2, "127.0.0.1", 1, 3, 4, 5, "", "", true, List.of());
        LostDevices found = new LostDevices(node, devices);
        assertEquals(List.of(), found.pairs());
        assertEquals(1, found.leftOver().size());
        assertTrue(found.leftOver().getFirst().contains("slot 6"), found.leftOver().toString());
    }
}
