/// Wireshark's dissector, written by others from the same protocol, sees in our frames what we mean. It predates group
/// tags, error frames with receiver ids, name resolution and response channels: those are not shown to it.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/wire/frame_vectors.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/pcap.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cpperon::wire {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the vectors
using cpperon::test::from_hex;
using cpperon::test::PcapWriter;
using cpperon::test::TemporaryDirectory;

constexpr std::uint16_t port = 24'325;

bool has_tshark() {
    return std::system("tshark --version >/dev/null 2>&1") == 0;
}

std::vector<std::string> lines_of(const std::string& command) {
    const auto close = [](std::FILE* const pipe) { ::pclose(pipe); };
    const std::unique_ptr<std::FILE, decltype(close)> pipe{::popen(command.c_str(), "re"), close};
    std::string output;
    for (int c = pipe ? std::fgetc(pipe.get()) : EOF; c != EOF; c = std::fgetc(pipe.get())) {
        output += static_cast<char>(c);
    }
    std::vector<std::string> lines;
    std::istringstream text{output};
    for (std::string line; std::getline(text, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// The fields of one datagram as the dissector prints them, separated by spaces.
std::string dissected(const Bytes& datagram, const std::vector<std::string>& fields) {
    const TemporaryDirectory directory;
    PcapWriter capture{directory / "one.pcap"};
    capture.add({.source_port = 40'000, .destination_port = port, .payload = datagram});
    capture.close();
    std::string command = "tshark -r '" + (directory / "one.pcap") + "' -d udp.port==" + std::to_string(port) +
                          ",aeron -o aeron.sequence_analysis:FALSE -T fields -E separator=/s";
    for (const std::string& field : fields) {
        command += " -e aeron." + field;
    }
    const std::vector<std::string> lines = lines_of(command + " 2>/dev/null");
    return lines.size() == 1 ? lines.front() : std::to_string(lines.size()) + " lines";
}

class Tshark : public testing::Test {
protected:
    void SetUp() override {
        if (!has_tshark()) {
            GTEST_SKIP() << "tshark is not installed: nobody looks at our frames from outside";
        }
    }
};

// The dissector prints ids as unsigned: session 0x11223344 is 287454020, term -7 is 4294967289.

// spec: 04-C1
TEST_F(Tshark, SeesASetup) {
    EXPECT_EQ(dissected(encoded(setup_of(setup_flag::group, 4)),
                        {"setup.frame_length", "setup.version", "setup.flags", "setup.type", "setup.term_offset",
                         "setup.session_id", "setup.stream_id", "setup.initial_term_id", "setup.active_term_id",
                         "setup.term_length", "setup.mtu", "setup.ttl"}),
              "40 0 0x40 5 4096 287454020 1001 4294967289 4294967289 16777216 1408 4");
}

// spec: 04-C1
TEST_F(Tshark, SeesAStatusMessage) {
    EXPECT_EQ(dissected(encoded(plain_status), {"sm.frame_length", "sm.flags", "sm.type", "sm.session_id",
                                                "sm.stream_id", "sm.consumption_term_id", "sm.consumption_term_offset",
                                                "sm.receiver_window", "sm.receiver_id"}),
              "36 0x00 3 287454020 1001 4294967289 4096 131072 723685415333072913");
}

// spec: 04-C1
TEST_F(Tshark, SeesThatAStatusMessageAsksForASetup) {
    EXPECT_EQ(dissected(encoded(with_flags(plain_status, status_flag::send_setup)), {"sm.flags", "sm.flags.s"}),
              "0x80 1");
}

// spec: 04-C1
TEST_F(Tshark, SeesANak) {
    EXPECT_EQ(dissected(encoded(nak_vector.frame), {"nak.frame_length", "nak.flags", "nak.type", "nak.session_id",
                                                    "nak.stream_id", "nak.term_id", "nak.term_offset", "nak.length"}),
              "28 0x00 2 287454020 1001 4294967289 4096 1408");
}

// spec: 04-C1
TEST_F(Tshark, SeesAnRttMeasurement) {
    EXPECT_EQ(dissected(encoded(measurement_of(rtt_flag::reply_requested)),
                        {"rtt.frame_length", "rtt.flags", "rtt.type", "rtt.session_id", "rtt.stream_id",
                         "rtt.echo_timestamp", "rtt.reception_delta", "rtt.receiver_id"}),
              "40 0x80 6 287454020 1001 1000000000 0 723685415333072913");
}

// spec: 04-C1
TEST_F(Tshark, SeesAHeartbeat) {
    EXPECT_EQ(
        dissected(encoded(heartbeat_of(0xE0)), {"data.frame_length", "data.flags", "data.flags.s", "data.term_offset",
                                                "data.session_id", "data.stream_id", "data.term_id"}),
        "0 0xe0 1 4096 287454020 1001 4294967289");
}

// spec: 04-C1
TEST_F(Tshark, SeesDataAndPadding) {
    EXPECT_EQ(dissected(from_hex(data_hex), {"data.frame_length", "data.flags", "data.term_offset", "data.session_id",
                                             "data.stream_id", "data.term_id", "data.reserved_value"}),
              "37 0xc0 4096 287454020 1001 4294967289 72623859790382856");
    EXPECT_EQ(dissected(from_hex(padding_hex), {"pad.frame_length", "pad.type", "pad.term_offset", "pad.session_id",
                                                "pad.stream_id", "pad.term_id"}),
              "192 0 65344 287454020 1001 4294967289");
}

}  // namespace
}  // namespace cpperon::wire
