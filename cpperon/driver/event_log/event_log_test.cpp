/// The ring, the reader and its files.
#include "cpperon/driver/event_log/event_log.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/command/codec.hpp"
#include "cpperon/driver/event_log/event_format.hpp"
#include "cpperon/driver/event_log/event_log_reader.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cpperon::driver {
namespace {

using std::chrono_literals::operator""us;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::int32_t close_type = command::type_id<command::ClientCloseCommand>;

class EventLogTest : public testing::Test {
protected:
    void send_close(EventLog& log, const std::int64_t client_id) {
        std::array<std::byte, 16> payload;
        command::encode(command::ClientCloseCommand{.client_id = client_id}, payload);
        log.on_command(close_type, payload);
    }
    static std::vector<std::string> take_lines(EventLog& log) {
        std::vector<std::string> lines;
        const auto keep = [&](const EventId id, const std::span<const std::byte> record) {
            lines.push_back(format_event(id, record));
        };
        while (!log.is_empty()) {
            log.consume(keep, 1'000);
        }
        return lines;
    }
    static std::vector<std::string> lines_of(const std::string& path) {
        std::vector<std::string> lines;
        std::ifstream file{path};
        for (std::string line; std::getline(file, line);) {
            lines.push_back(line);
        }
        return lines;
    }

    ManualClock clock{1'700'000'000'000};
    test::TemporaryDirectory folder;
    std::string path = folder / "events.log";
};

TEST_F(EventLogTest, KeepsWhatIsOnInOrderAndWhen) {
    EventLog log{{EventId::cmd_in_client_close, EventId::name_resolution_neighbor_added}, clock};

    send_close(log, 1);
    clock.advance(1'500us);
    log.on_event(EventId::name_resolution_neighbor_added, NeighborDetails{});
    log.on_event(EventId::name_resolution_neighbor_removed, NeighborDetails{});
    log.on_answer(command::type_id<command::ClientTimeoutEvent>, {});
    log.on_command(command::type_id<command::AddStaticCounterCommand>, {});
    log.on_command(-5, {});
    log.on_answer(9'999, {});

    EXPECT_THAT(take_lines(log),
                ElementsAre("[0.000000000] DRIVER: CMD_IN_CLIENT_CLOSE [16/16]: clientId=1 correlationId=-1",
                            "[0.001500000] DRIVER: NAME_RESOLUTION_NEIGHBOR_ADDED [24/24]: 0.0.0.0:0"));
    EXPECT_EQ(log.take_dropped(), 0);
}

TEST_F(EventLogTest, CapturesTheHeadersOfDataAndTheWholeOfOtherFrames) {
    EventLog log{{EventId::frame_in}, clock};
    std::vector<std::byte> datagram(5'000);
    datagram[6] = std::byte{1};  // data
    log.on_frame(EventId::frame_in, {}, datagram, 0);
    datagram[6] = std::byte{4};  // an error
    log.on_frame(EventId::frame_in, {}, std::span{datagram}.first(1'000), 0);
    log.on_frame(EventId::frame_in, {}, datagram, 0);
    log.on_frame(EventId::frame_in, {}, {}, 0);

    EXPECT_THAT(take_lines(log), ElementsAre(HasSubstr(" [32/5000]: "), HasSubstr(" [1000/1000]: "),
                                             HasSubstr(" [2048/5000]: "), HasSubstr(" [0/0]: ")));
}

TEST_F(EventLogTest, DropsWhatFindsTheRingFullAndSaysHowMuch) {
    EventLog log{{EventId::cmd_in_client_close}, clock, 1'024};
    for (int i = 0; i < 100; ++i) {
        send_close(log, i);
    }
    const std::size_t kept = 1'024 / 40;  // records of 8 + 16 + 16 bytes
    EventLogReader reader{log, {.path = path}, clock};
    reader.on_start();

    EXPECT_GT(reader.do_work(), 0);
    send_close(log, 1'000);
    reader.on_close();

    const std::vector<std::string> lines = lines_of(path);
    ASSERT_THAT(lines, SizeIs(1 + kept + 1 + 1));
    EXPECT_THAT(lines[1], HasSubstr("clientId=0 "));
    EXPECT_THAT(lines[kept], HasSubstr("clientId=" + std::to_string(kept - 1) + " "));
    EXPECT_EQ(lines[kept + 1], "[0.000000000] " + std::to_string(100 - kept) +
                                   " events were dropped: they came faster than they could be written");
    EXPECT_THAT(lines[kept + 2], HasSubstr("clientId=1000 "));
    EXPECT_EQ(reader.do_work(), 0);
}

TEST_F(EventLogTest, LosesNothingUncountedBetweenThreads) {
    constexpr int thread_count = 3;
    constexpr std::int64_t count = 20'000;
    EventLog log{{EventId::cmd_in_client_close}, clock, 65'536};
    std::map<std::int64_t, std::int64_t> last;  // of each thread
    std::int64_t consumed = 0;
    const auto check = [&](const EventId id, const std::span<const std::byte> record) {
        ASSERT_EQ(id, EventId::cmd_in_client_close);
        const auto command = command::decode<command::ClientCloseCommand>(record.subspan(sizeof(EventRecordHeader)));
        ASSERT_TRUE(command);
        std::int64_t& before = last.try_emplace(command->client_id % thread_count, -1).first->second;
        ASSERT_LT(before, command->client_id);
        before = command->client_id;
        ++consumed;
    };

    std::atomic<int> running{thread_count};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < thread_count; ++thread) {
        threads.emplace_back([&, thread] {
            for (std::int64_t i = 0; i < count; ++i) {
                send_close(log, i * thread_count + thread);
            }
            --running;
        });
    }
    while (running > 0 || !log.is_empty()) {
        log.consume(check, 100);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }

    EXPECT_EQ(consumed + log.take_dropped(), thread_count * count);
}

// spec: 06-C62
TEST_F(EventLogTest, AppendsToItsFileAndBeginsAnewWithALine) {
    for (int run = 0; run < 2; ++run) {
        EventLog log{{EventId::cmd_in_client_close}, clock};
        EventLogReader reader{log, {.path = path}, clock};
        reader.on_start();
        send_close(log, run);
        reader.on_close();
    }

    const std::string start = format_start(0, 1'700'000'000'000);
    EXPECT_THAT(lines_of(path), ElementsAre(start, HasSubstr("clientId=0 "), start, HasSubstr("clientId=1 ")));
}

// spec: 06-C62
TEST_F(EventLogTest, PutsAFileThatIsFullAsideUnderTheFirstFreeName) {
    std::ofstream{path + ".2"} << "not ours\n";
    EventLog log{{EventId::cmd_in_client_close}, clock};
    EventLogReader reader{log, {.path = path, .max_length = 200}, clock};
    reader.on_start();
    for (int i = 0; i < 5; ++i) {
        send_close(log, i);
    }
    reader.on_close();

    const std::string start = format_start(0, 1'700'000'000'000);
    EXPECT_THAT(lines_of(path + ".1"), ElementsAre(start, HasSubstr("clientId=0 "), HasSubstr("clientId=1 ")));
    EXPECT_THAT(lines_of(path + ".2"), ElementsAre("not ours"));
    EXPECT_THAT(lines_of(path + ".3"), ElementsAre(start, HasSubstr("clientId=2 "), HasSubstr("clientId=3 ")));
    EXPECT_THAT(lines_of(path), ElementsAre(start, HasSubstr("clientId=4 ")));
}

TEST_F(EventLogTest, GoesOnInTheOldFileWhereItCannotRoll) {
    EventLog log{{EventId::cmd_in_client_close}, clock};
    EventLogReader reader{log, {.path = path, .max_length = 200}, clock};
    reader.on_start();
    std::filesystem::remove(path);  // so that it cannot be renamed

    for (int i = 0; i < 5; ++i) {
        send_close(log, i);
    }
    EXPECT_THROW(
        {
            try {
                reader.do_work();
            } catch (const IoError& error) {
                EXPECT_THAT(error.what(), HasSubstr("cannot put the event log " + path + " aside as " + path + ".1"));
                throw;
            }
        },
        IoError);
    EXPECT_EQ(reader.do_work(), 3);
    reader.on_close();
}

TEST_F(EventLogTest, SaysWhichFileItCannotOpen) {
    EventLog log{{EventId::cmd_in_client_close}, clock};
    try {
        const EventLogReader reader{log, {.path = folder / "none/events.log"}, clock};
        FAIL();
    } catch (const IoError& error) {
        EXPECT_EQ(std::string{error.what()},
                  "cannot open the event log aeron.event.log.filename=" + (folder / "none/events.log") +
                      " (its folder must be there, and the driver must be allowed to write to it): No such file or "
                      "directory");
    }
}

TEST_F(EventLogTest, SaysThatADiskIsFull) {
    EventLog log{{EventId::cmd_in_client_close}, clock};
    EventLogReader reader{log, {.path = "/dev/full"}, clock};

    EXPECT_THROW(reader.on_start(), IoError);
}

TEST_F(EventLogTest, GoesToStandardOutputWithoutAFile) {
    testing::internal::CaptureStdout();
    {
        EventLog log{{EventId::cmd_in_client_close}, clock};
        EventLogReader reader{log, {.max_length = 1}, clock};
        reader.on_start();
        send_close(log, 7);
        reader.do_work();
        reader.on_close();
    }
    EXPECT_EQ(testing::internal::GetCapturedStdout(),
              format_start(0, 1'700'000'000'000) +
                  "\n[0.000000000] DRIVER: CMD_IN_CLIENT_CLOSE [16/16]: clientId=7 correlationId=-1\n");
}

}  // namespace
}  // namespace cpperon::driver
