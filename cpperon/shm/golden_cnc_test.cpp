/// The CnC file that a reference driver left behind, read with everything this room has, against what the reference's
/// own tool printed from it.
#if defined(__GNUC__) && !defined(__clang__)
// With sanitizers GCC takes parts of std::regex for uninitialised.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <filesystem>
#include <map>
#include <regex>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/shm/attach.hpp"
#include "cpperon/shm/broadcast_receiver.hpp"
#include "cpperon/shm/channel_status.hpp"
#include "cpperon/shm/counter_keys.hpp"
#include "cpperon/shm/counters_reader.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/error_log_reader.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"
#include "cpperon/shm/system_counters_reader.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cpperon::shm {
namespace {

using ::testing::HasSubstr;

class GoldenCnc : public ::testing::Test {
protected:
    GoldenCnc() {
        test::extract_golden("cnc.dat", path);
        CncOpening opening = CncFile::try_open(path, Access::read_write);
        if (opening.status != CncOpenStatus::ready) {
            throw std::runtime_error(opening.error.message);
        }
        cnc.emplace(std::move(*opening.file));
    }

    test::TemporaryDirectory directory;
    std::string path = cnc_path(directory.path());
    std::optional<CncFile> cnc;
};

TEST_F(GoldenCnc, HasTheSpecifiedSections) {
    EXPECT_EQ(cnc->length(), 11'538'432);
    EXPECT_EQ(cnc->version(), (SemanticVersion{0, 2, 0}));
    EXPECT_EQ(cnc->layout().counters_values.offset, 6'292'480);
    EXPECT_EQ(cnc->layout().end(), 11'535'360);
    EXPECT_EQ(cnc->client_liveness_timeout_ns(), 10'000'000'000);
    EXPECT_EQ(cnc->pid(), 4'470);
    EXPECT_EQ(cnc->file_page_size(), 4'096);
}

TEST_F(GoldenCnc, HasTheCountersThatTheReferencesToolPrinted) {
    struct Printed {
        std::int64_t value = 0;
        std::string label;
        bool operator==(const Printed&) const = default;
    };
    std::map<std::int32_t, Printed> expected;
    const std::regex line_format{R"( *(\d+): +(-?[\d,]+) - (.*))"};
    for (const std::string& line : test::golden_lines("stat.txt")) {
        std::smatch match;
        if (std::regex_match(line, match, line_format)) {
            std::string digits = match[2];
            std::erase(digits, ',');
            expected[std::stoi(match[1])] = {std::stoll(digits), match[3]};
        }
    }
    ASSERT_EQ(expected.size(), 53U);  // the printed text ends within the line of counter 53

    const CountersReader counters{cnc->counters_metadata(), cnc->counters_values()};
    std::map<std::int32_t, Printed> found;
    counters.for_each([&](const CounterView& counter) {
        found[counter.id] = {counter.value, std::string{counter.label}};
    });

    ASSERT_EQ(found.size(), 68U);
    for (const auto& [id, printed] : expected) {
        // The file's version labels end in "+guilty" behind the commit; the printed text has that removed.
        std::string label = found[id].label;
        if (label.ends_with("+guilty")) {
            label.resize(label.size() - std::string_view{"+guilty"}.size());
        }
        EXPECT_EQ(found[id].value, printed.value) << id;
        EXPECT_TRUE(label == printed.label || (id == 53 && label.starts_with(printed.label))) << id << ' ' << label;
    }
}

TEST_F(GoldenCnc, HasTheCounterThatTheClientAdded) {
    const CountersReader counters{cnc->counters_metadata(), cnc->counters_values()};

    EXPECT_EQ(counters.state(67), CounterState::allocated);
    EXPECT_EQ(counters.type_id(67), 1'101);
    EXPECT_EQ(counters.value(67), 424'242);
    EXPECT_EQ(counters.label(67), "my label");
    const CounterKey key = counters.key(67);
    EXPECT_EQ(test::to_hex(std::span{key}.first(8)), "11223344 55000000");
    EXPECT_EQ(counters.owner_id(67), 1);
    EXPECT_EQ(counters.find(1'101, counters.registration_id(67)), 67);
    EXPECT_EQ(counters.max_counter_id(), 8'191);
    EXPECT_EQ(counters.find_if([](const CounterView& c) { return c.type_id == 11 && c.key[0] == std::byte{1}; }),
              counters.find(11, 1));
}

TEST_F(GoldenCnc, HasKeysThatSayWhatTheLabelsSay) {
    const CountersReader counters{cnc->counters_metadata(), cnc->counters_values()};
    std::map<std::string, int> decoded;
    counters.for_each([&](const CounterView& counter) {
        const std::string label{counter.label};
        if (const auto key = StreamCounterKey::decode(counter.type_id, counter.key)) {
            ++decoded["stream"];
            EXPECT_EQ(static_cast<std::int64_t>(key->registration_id), counter.registration_id);
            EXPECT_THAT(label, HasSubstr(fmt::format(": {} {} {} {}", counter.registration_id,
                                                     static_cast<std::int32_t>(key->session_id), key->stream_id,
                                                     key->channel)));
        } else if (const auto channel = ChannelCounterKey::decode(counter.type_id, counter.key)) {
            ++decoded["channel"];
            EXPECT_EQ(counter.value, static_cast<std::int64_t>(ChannelStatus::active));
            EXPECT_THAT(label, HasSubstr("-channel: " + channel->channel));
        } else if (const auto address = LocalSocketAddressKey::decode(counter.type_id, counter.key)) {
            ++decoded["address"];
            const auto status_id = static_cast<std::int32_t>(address->channel_status_id);
            EXPECT_TRUE(ChannelCounterKey::decode(counters.type_id(status_id), counters.key(status_id)));
            EXPECT_THAT(label, HasSubstr(fmt::format("-local-sockaddr: {} {}", status_id, address->address)));
        } else if (const auto heartbeat = ClientHeartbeatKey::decode(counter.type_id, counter.key)) {
            ++decoded["heartbeat"];
            EXPECT_THAT(label, HasSubstr(fmt::format("client-heartbeat: id={}", heartbeat->client_id)));
        } else if (const auto system = SystemCounterKey::decode(counter.type_id, counter.key)) {
            ++decoded["system"];
            EXPECT_EQ(label.substr(0, label.find(": ")), to_string(system->counter));
            EXPECT_EQ(system_counter_value(counters, system->counter), counter.value);
        } else {
            ++decoded["other"];
            EXPECT_EQ(label, "my label");
        }
    });

    // Of streams: 2 of each IPC publication, 6 of the UDP publication, 3 of its image, 3 positions of subscribers.
    EXPECT_EQ(decoded,
              (std::map<std::string, int>{
                  {"stream", 16}, {"channel", 2}, {"address", 2}, {"heartbeat", 1}, {"system", 46}, {"other", 1}}));
}

// spec: 07-C62
TEST_F(GoldenCnc, HasTwoDistinctErrors) {
    const ErrorLogReader errors{cnc->error_log()};
    std::vector<std::string> texts;
    EXPECT_EQ(errors.for_each([&](const ErrorObservation& error) {
        EXPECT_EQ(error.count, 1);
        EXPECT_GE(error.last_ms, cnc->start_timestamp_ms());
        texts.emplace_back(error.text);
    }),
              2);
    EXPECT_THAT(texts.at(0), HasSubstr("nowhere.invalid"));
    EXPECT_THAT(texts.at(1), HasSubstr("1000"));
}

TEST_F(GoldenCnc, DeliversTheNewestEventToAReceiverThatJoins) {
    BroadcastReceiver receiver{cnc->to_clients_buffer()};
    EXPECT_EQ(receiver.receive([](const std::int32_t type_id, auto) { EXPECT_GT(type_id, 0x0f00); }),
              BroadcastReceiveResult::delivered);
    EXPECT_EQ(receiver.receive([](auto, auto) {}), BroadcastReceiveResult::nothing);
}

TEST_F(GoldenCnc, CanBeAttachedTo) {
    ManyToOneRingBuffer to_driver{cnc->to_driver_buffer()};
    EXPECT_EQ(to_driver.consumer_position(), to_driver.producer_position());
    ManualClock clock{to_driver.consumer_heartbeat_ms()};

    const AttachStep step = DriverAttach{{.directory = directory.path()}, clock, clock}.poll();

    ASSERT_EQ(step.state, AttachState::attached) << step.error.message;
    EXPECT_EQ(step.driver->control_protocol_version, (SemanticVersion{1, 0, 0}));
    EXPECT_EQ(to_driver.next_correlation_id(), step.driver->client_id + 1);
}

}  // namespace
}  // namespace cpperon::shm
