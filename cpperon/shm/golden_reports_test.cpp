/// The error log and the loss report that a reference driver left behind, read as a tool reads them: what is found
/// there makes the same text that the reference's own tools printed from the same files.
#include <fstream>
#include <sstream>
#include <string>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cpperon/shm/cnc_reader.hpp"
#include "cpperon/shm/directory.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cpperon {
namespace {

/// The directory of a Java driver that lost data and refused commands.
class GoldenReports : public ::testing::Test {
protected:
    GoldenReports() {
        test::extract_golden("java-cnc.dat", shm::cnc_path(directory.path()));
        test::extract_golden("java-loss-report.dat", shm::loss_report_path(directory.path()));
    }
    static std::string printed(const std::string& name) {
        const std::ifstream file{std::string{CPPERON_TEST_DATA} + "/" + name};
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }
    static std::string time_of(const std::int64_t epoch_ms) {
        return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03}+0000", fmt::gmtime(epoch_ms / 1'000), epoch_ms % 1'000);
    }

    test::TemporaryDirectory directory;
};

// spec: 07-C62
TEST_F(GoldenReports, HoldTheErrorsThatTheReferencesToolPrinted) {
    const CncFile cnc = CncFile::open(directory.path());
    std::string text = "Command `n Control file cnc.dat\n";

    const int errors = cnc.for_each_error([&](const ErrorObservation& error) {
        text += fmt::format("\n{} observations from {} to {} for:\n{}\n", error.count, time_of(error.first_ms),
                            time_of(error.last_ms), error.text);
    });
    text += fmt::format("\n{} distinct errors observed.\n", errors);

    EXPECT_EQ(text, printed("java-error-stat.txt"));
}

// spec: 07-C62
TEST_F(GoldenReports, HoldTheLossesThatTheReferencesToolPrinted) {
    const CncFile cnc = CncFile::open(directory.path());
    std::string text =
        "#OBSERVATION_COUNT,TOTAL_BYTES_LOST,FIRST_OBSERVATION,LAST_OBSERVATION,SESSION_ID,STREAM_ID,CHANNEL,SOURCE\n";

    const int losses = cnc.for_each_loss([&](const LossObservation& loss) {
        text += fmt::format("{},{},{},{},{},{},{},{}\n", loss.count, loss.total_bytes_lost, time_of(loss.first_ms),
                            time_of(loss.last_ms), loss.session_id, loss.stream_id, loss.channel, loss.source);
    });
    text += fmt::format("{} loss entries\n", losses);

    EXPECT_EQ(text, printed("java-loss-stat.txt"));
}

TEST_F(GoldenReports, BelongToADriverThatWasClosed) {
    const CncFile cnc = CncFile::open(directory.path());

    EXPECT_EQ(cnc.constants().cnc_version, (SemanticVersion{0, 2, 0}));
    EXPECT_EQ(cnc.constants().counters_values_buffer_length, 1'048'576);
    EXPECT_EQ(cnc.constants().client_liveness_timeout, std::chrono::seconds{10});
    EXPECT_FALSE(cnc.is_driver_active(std::chrono::seconds{0}));
}

}  // namespace
}  // namespace cpperon
