package io.stria.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.control.lease.VoterReport;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogRoomTest {
    @TempDir Path directory;

    @Test
    void theRoomOfItsFileSystemIsSeenSoon() throws Exception {
        try (LogRoom room = LogRoom.of(directory)) {
            TestCluster.await(() -> room.freeBytes() > 0);
        }
    }

    /** Not taken for one without room. */
    @Test
    void ofADirectoryThatIsNotThereNothingIsKnown() {
        LogRoom room = new LogRoom(directory.resolve("gone").toFile());
        room.look();
        assertEquals(VoterReport.UNKNOWN_BYTES, room.freeBytes());
    }
}
