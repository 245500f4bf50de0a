/// What the commands say of the files that reference drivers left behind, against what the reference's own tools
/// printed from them.
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/golden.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tools/reports.hpp"
#include "tools/stat_view.hpp"

namespace cpperon::tools {
namespace {

using ::testing::Contains;
using ::testing::ElementsAreArray;
using ::testing::UnorderedElementsAreArray;

/// Each report of the reference was printed in UTC.
class Golden : public ::testing::Test {
protected:
    Golden() {
        ::setenv("TZ", "UTC0", 1);
        ::tzset();
    }

    /// `prefix`: empty for what the C driver left, `java-` for what the Java driver left.
    DriverSnapshot snapshot_of(const std::string& prefix, const std::int64_t now_ms = 0) {
        test::extract_golden(prefix + "cnc.dat", directory / "cnc.dat");
        test::extract_golden(prefix + "loss-report.dat", directory / "loss-report.dat");
        ManualClock clock{now_ms};
        return take_snapshot(CncFile::open(directory.path()), clock);
    }
    static std::vector<std::string> lines_of(const std::string& text) {
        std::vector<std::string> lines;
        std::istringstream stream{text};
        for (std::string line; std::getline(stream, line);) {
            lines.push_back(line);
        }
        return lines;
    }
    static std::vector<std::string> lines_of(const std::vector<Line>& page) {
        std::vector<std::string> lines;
        for (const Line& line : page) {
            lines.push_back(line.text);
        }
        return lines;
    }

    test::TemporaryDirectory directory;
};

// spec: 07-C63, 06-C63
TEST_F(Golden, StatOfTheCDriverIsThatOfItsOwnTool) {
    const std::int64_t heartbeat_ms = snapshot_of("").heartbeat_ms;
    const DriverSnapshot snapshot = snapshot_of("", heartbeat_ms + 65'108);
    std::vector<std::string> expected = test::golden_lines("stat.txt");
    expected.pop_back();  // the printed text ends within this line
    const std::string heading = expected.front();
    expected.erase(expected.begin());

    std::vector<std::string> found = lines_of(stat_lines(snapshot, {}, {}));
    found.resize(expected.size());
    for (std::string& line : found) {
        // The file's version labels have this behind the commit; the printed text has that removed.
        if (line.ends_with("+guilty")) {
            line.resize(line.size() - std::string_view{"+guilty"}.size());
        }
    }

    EXPECT_EQ(stat_heading(snapshot), heading + ", dead");
    EXPECT_THAT(found, ElementsAreArray(expected));
}

// spec: 07-C63, 06-C63
TEST_F(Golden, StatOfTheJavaDriverIsThatOfItsOwnTool) {
    EXPECT_THAT(lines_of(stat_lines(snapshot_of("java-"), {}, {})),
                ElementsAreArray(test::golden_lines("java-stat.txt")));
}

// spec: 07-C63, 06-C63
TEST_F(Golden, StreamsAreThoseOfTheReferencesTool) {
    for (const std::string prefix : {"", "java-"}) {
        const DriverSnapshot snapshot = snapshot_of(prefix);
        EXPECT_THAT(lines_of(streams_as_text(group_streams(snapshot))),
                    ElementsAreArray(test::golden_lines(prefix + "stream-stat.txt")));
    }
}

// The reference's tool has the streams in no order, and writes the end of each before a new paragraph.
// spec: 07-C63, 06-C63
TEST_F(Golden, BacklogIsThatOfTheReferencesTool) {
    const DriverSnapshot snapshot = snapshot_of("java-");

    EXPECT_THAT(lines_of(backlog_as_text(parties_by_stream(snapshot))),
                UnorderedElementsAreArray(test::golden_lines("java-backlog-stat.txt")));
}

// spec: 07-C63, 06-C63
TEST_F(Golden, ErrorsAreThoseOfTheReferencesTool) {
    const std::vector<std::string> found = lines_of(errors_as_text(snapshot_of("java-").errors));

    for (const std::string& line : test::golden_lines("java-error-stat.txt")) {
        if (!line.starts_with("Command `n Control file")) {
            EXPECT_THAT(found, Contains(line));
        }
    }
    EXPECT_EQ(found.front(), "***");
    EXPECT_EQ(found.back(), "2 distinct errors observed.");
}

// The tool of the Java driver begins and ends with other words than that of the C driver, whose form this is.
// spec: 07-C63, 06-C63
TEST_F(Golden, LossesAreThoseOfTheReferencesTool) {
    std::vector<std::string> expected = test::golden_lines("java-loss-stat.txt");
    expected.front() =
        "OBSERVATION_COUNT, TOTAL_BYTES_LOST, FIRST_OBSERVATION,LAST_OBSERVATION, SESSION_ID, STREAM_ID, CHANNEL, "
        "SOURCE";
    expected.back() = "3 entries read";

    EXPECT_THAT(lines_of(losses_as_csv(snapshot_of("java-").losses)), ElementsAreArray(expected));
}

TEST_F(Golden, SubscribersStandWithWhatTheyRead) {
    const DriverSnapshot snapshot = snapshot_of("");
    const std::vector<StreamParties> streams = parties_by_stream(snapshot);

    ASSERT_EQ(streams.size(), 4U) << "the two streams within the machine have one entry, with both channels";
    const StreamParties& image = streams[0];
    EXPECT_EQ(image.parties[0].role, StreamRole::receiver);
    EXPECT_EQ(image.parties[1].role, StreamRole::subscriber);
    EXPECT_EQ(image.parties[1].behind, 0);
    const StreamParties& ipc = streams[2];
    EXPECT_EQ(ipc.identity.session_id, 11);
    EXPECT_EQ(ipc.parties[0].window_left, 229'120 - 196'928);
    EXPECT_EQ(ipc.parties[1].role, StreamRole::subscriber);
    EXPECT_EQ(ipc.parties[1].behind, 196'928 - 196'352);
}

TEST_F(Golden, LossesStandWithTheirImages) {
    const DriverSnapshot snapshot = snapshot_of("java-");
    const std::vector<StreamParties> streams = parties_by_stream(snapshot);

    ASSERT_EQ(streams.size(), 4U);
    EXPECT_EQ(streams[0].parties[0].role, StreamRole::receiver);
    EXPECT_EQ(streams[0].parties[0].bytes_lost, 21'120);
    EXPECT_EQ(streams[0].parties[0].naks->value, 38);
    const StreamParty& sender = streams[2].parties[1];
    EXPECT_EQ(sender.role, StreamRole::sender);
    EXPECT_EQ(sender.back_pressure_events->value, 2);
    EXPECT_EQ(sender.window_left, 522'848 - 422'400);
}

}  // namespace
}  // namespace cpperon::tools
