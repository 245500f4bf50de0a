#include "cpperon/driver/media_driver.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/base/mapped_file.hpp"
#include "cpperon/command/codec.hpp"
#include "cpperon/command/commands.hpp"
#include "cpperon/driver/embedded_driver.hpp"
#include "cpperon/driver/test_directory.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/counters_reader.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/distinct_error_log.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"

namespace cpperon {
namespace {

using namespace std::chrono_literals;
using driver::names_in;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Waits for something that other threads bring about.
void wait_until(const std::function<bool()>& condition, const std::string_view what) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "waited for " << what;
        std::this_thread::yield();
    }
}

std::vector<std::string> thread_names() {
    std::vector<std::string> names;
    for (const auto& thread : std::filesystem::directory_iterator{"/proc/self/task"}) {
        std::string name;
        std::getline(std::ifstream{thread.path() / "comm"}, name);
        names.push_back(name);
    }
    return names;
}

struct DriverFixture : testing::Test {
    driver::TestDirectory parent;
    std::string directory = parent / "aeron";
    std::vector<std::string> warnings;
    DriverContext context{.directory = directory,
                          .warning_handler = [this](const std::string_view line) { warnings.emplace_back(line); },
                          .threading_mode = ThreadingMode::invoker,
                          .counters_buffer_length = 1'048'576};

    MediaDriver start() { return MediaDriver{context, MainLoop::by_caller}; }
    MediaDriver start_threads() { return MediaDriver{context}; }

    [[nodiscard]] shm::CncFile open_cnc() const {
        shm::CncOpening opening = shm::CncFile::try_open(shm::cnc_path(directory), Access::read_write);
        EXPECT_EQ(opening.status, shm::CncOpenStatus::ready) << opening.error.message;
        return std::move(opening.file).value();
    }
    static CountersReader counters_of(const shm::CncFile& cnc) {
        return CountersReader{cnc.counters_metadata(), cnc.counters_values()};
    }
    [[nodiscard]] std::int64_t heartbeat_ms() const {
        return shm::ManyToOneRingBuffer{open_cnc().to_driver_buffer()}.consumer_heartbeat_ms();
    }
};
using MediaDriverTest = DriverFixture;

// spec: 01-C3, 06-C1
TEST_F(MediaDriverTest, MakesItsDirectoryBelowAParentThatIsNotThere) {
    directory = parent / "deep/aeron";
    const MediaDriver driver{{.directory = directory, .threading_mode = ThreadingMode::invoker}, MainLoop::by_caller};

    EXPECT_THAT(names_in(directory), ElementsAre("cnc.dat", "images", "loss-report.dat", "publications"));
    EXPECT_TRUE(std::filesystem::is_directory(directory + "/publications"));
    EXPECT_TRUE(std::filesystem::is_directory(directory + "/images"));
    EXPECT_EQ(std::filesystem::file_size(directory + "/cnc.dat"), 48'238'592U);
    EXPECT_EQ(std::filesystem::file_size(directory + "/loss-report.dat"), 1'048'576U);
    EXPECT_EQ(counters_of(open_cnc()).value(35), 49'287'168) << "bytes currently mapped";
}

// spec: 01-C4
TEST_F(MediaDriverTest, MakesACncFileOfTheLengthThatItsSectionsNeed) {
    const MediaDriver with_small_counters = start();
    EXPECT_EQ(std::filesystem::file_size(directory + "/cnc.dat"), 11'538'432U);

    const std::string other = parent / "default";
    const MediaDriver with_defaults{{.directory = other, .threading_mode = ThreadingMode::invoker},
                                    MainLoop::by_caller};
    EXPECT_EQ(std::filesystem::file_size(other + "/cnc.dat"), 48'238'592U);
}

// spec: 01-C5
TEST_F(MediaDriverTest, WritesTheHeaderOfTheSpecification) {
    context.counters_buffer_length = 8'388'608;
    ManualClock clock{1'700'000'000'000};
    context.nano_clock = &clock;
    context.epoch_clock = &clock;
    const MediaDriver driver = start();

    const MappedFile file = MappedFile::open(directory + "/cnc.dat", Access::read_only);
    std::string header;
    for (const std::byte byte : file.bytes().first(52)) {
        header += fmt::format("{:02x}", static_cast<unsigned>(byte));
    }
    EXPECT_EQ(header.substr(0, 80), "00020000000310008000100000000002000080000000400000e40b54020000000068e5cf8b010000");
    std::int64_t pid = 0;
    std::memcpy(&pid, file.bytes().data() + 40, sizeof pid);
    EXPECT_EQ(pid, ::getpid());
    EXPECT_EQ(header.substr(96), "00100000");
    EXPECT_TRUE(std::all_of(file.bytes().begin() + 52, file.bytes().begin() + 128,
                            [](const std::byte byte) { return byte == std::byte{0}; }));
}

// spec: 01-C37
TEST_F(MediaDriverTest, RoundsTheCncFileUpToItsPageSize) {
    context.counters_buffer_length = 8'388'608;
    context.file_page_size = 2'097'152;
    const MediaDriver driver = start();

    EXPECT_EQ(std::filesystem::file_size(directory + "/cnc.dat"), 50'331'648U);
    EXPECT_EQ(open_cnc().file_page_size(), 2'097'152);
    EXPECT_EQ(std::filesystem::file_size(directory + "/loss-report.dat"), 2'097'152U);
}

// spec: 01-C7, 06-C7
TEST_F(MediaDriverTest, GivesTheFirstClientTheId1) {
    const MediaDriver driver = start();

    EXPECT_EQ(shm::ManyToOneRingBuffer{open_cnc().to_driver_buffer()}.next_correlation_id(), 1);
}

/// Notes what the CnC file holds whenever the driver asks for the time, which it does between its steps.
class WatchingClock final : public NanoClock, public EpochClock {
public:
    explicit WatchingClock(std::string cnc_path) : cnc_path_(std::move(cnc_path)) {}

    std::int64_t nano_time() noexcept override {
        look();
        return 1'000;
    }
    std::int64_t epoch_ms() noexcept override {
        look();
        return 1'700'000'000'000;
    }

    int looks_while_unpublished = 0;
    bool was_published_early = false;

private:
    void look() noexcept {
        std::error_code error;
        if (std::filesystem::file_size(cnc_path_, error) == 0 || error) {
            return;
        }
        const MappedFile file = MappedFile::open(cnc_path_, Access::read_only);
        std::int32_t version = 0;
        std::memcpy(&version, file.bytes().data(), sizeof version);
        if (version == 0) {
            ++looks_while_unpublished;
        } else {
            was_published_early = true;
        }
    }

    std::string cnc_path_;
};

// spec: 01-C6
TEST_F(MediaDriverTest, PublishesTheVersionWhenEverythingElseIsThere) {
    WatchingClock clock{directory + "/cnc.dat"};
    context.nano_clock = &clock;
    context.epoch_clock = &clock;

    const MediaDriver driver = start();

    EXPECT_GT(clock.looks_while_unpublished, 0);
    EXPECT_FALSE(clock.was_published_early) << "the heartbeat's time was taken after the version had been published";
    const shm::CncFile cnc = open_cnc();
    EXPECT_EQ(cnc.version().to_string(), "0.2.0");
    int counters = 0;
    counters_of(cnc).for_each([&counters](const CounterView& /*counter*/) { ++counters; });
    EXPECT_EQ(counters, 46);
    EXPECT_NE(heartbeat_ms(), 0);
}

// spec: 06-C9
TEST_F(MediaDriverTest, TellsItsVersionInCounters) {
    const MediaDriver driver = start();

    const shm::CncFile cnc = open_cnc();
    EXPECT_EQ(counters_of(cnc).value(34), (0 << 16) | (1 << 8) | 0) << "0.1.0";
    EXPECT_EQ(counters_of(cnc).value(43), 65'536);
    EXPECT_THAT(counters_of(cnc).label(34), testing::StartsWith("Aeron software: version=0.1.0 commit="));
}

// spec: 06-C10, 06-C8
TEST_F(MediaDriverTest, NamesItsThreadingModeInTheLabelsOfCycleTimes) {
    context.conductor_cycle_threshold = 250us;
    const MediaDriver driver = start();

    const shm::CncFile cnc = open_cnc();
    for (std::int32_t id = 26; id <= 31; ++id) {
        EXPECT_THAT(counters_of(cnc).label(id), testing::EndsWith(" INVOKER"));
    }
    EXPECT_THAT(counters_of(cnc).label(27), HasSubstr("threshold=250us "));
    EXPECT_THAT(counters_of(cnc).label(29), HasSubstr("threshold=100ms "));
    EXPECT_THAT(counters_of(cnc).label(31), HasSubstr("threshold=100ms "));
    EXPECT_THAT(counters_of(cnc).label(33), testing::EndsWith("threshold=5s"));
}

// spec: 01-C9, 06-C3, 01-C10
TEST_F(MediaDriverTest, LeavesTheCncFileWithHeartbeatMinusOneSoThatAnotherStartsAtOnce) {
    MediaDriver driver = start();
    EXPECT_GT(heartbeat_ms(), 0);

    driver.close();

    EXPECT_TRUE(driver.is_closed());
    EXPECT_EQ(driver.directory(), directory);
    EXPECT_EQ(heartbeat_ms(), -1);
    EXPECT_THAT(names_in(directory + "/publications"), IsEmpty());
    EXPECT_THAT(names_in(directory + "/images"), IsEmpty());

    const MediaDriver second = start();
    EXPECT_GT(heartbeat_ms(), 0);
    EXPECT_THAT(warnings, IsEmpty());
}

// spec: 01-C10, 06-C5
TEST_F(MediaDriverTest, DeletesItsDirectoryWhenItWasToldTo) {
    context.delete_directory_on_shutdown = true;
    {
        const MediaDriver driver = start();
        EXPECT_TRUE(std::filesystem::exists(directory));
    }

    EXPECT_FALSE(std::filesystem::exists(directory));
}

// spec: 06-C2
TEST_F(MediaDriverTest, RefusesADirectoryWhoseDriverIsAliveAndLeavesItAlone) {
    ManualClock clock;
    context.nano_clock = &clock;
    context.epoch_clock = &clock;
    context.delete_directory_on_shutdown = true;
    MediaDriver first = start();
    const auto before = names_in(directory);
    const std::int64_t heartbeat = heartbeat_ms();

    clock.advance(10s);
    EXPECT_THROW(start(), ActiveDriverError);

    EXPECT_EQ(names_in(directory), before);
    EXPECT_EQ(heartbeat_ms(), heartbeat);
    EXPECT_EQ(first.do_work(), 1) << "its tick";
    EXPECT_EQ(heartbeat_ms(), heartbeat + 10'000);
}

// spec: 01-C8
// The driver that was killed is one that is not stepped any longer.
TEST_F(MediaDriverTest, TakesADirectoryWhoseDriverHasBeenSilentForLongerThanTheTimeout) {
    ManualClock clock;
    context.nano_clock = &clock;
    context.epoch_clock = &clock;
    const MediaDriver dead = start();

    clock.advance(10s);
    EXPECT_THROW(start(), ActiveDriverError);
    clock.advance(1ms);
    EXPECT_NO_THROW(start());
}

// spec: 06-C4
TEST_F(MediaDriverTest, TakesAnActiveDirectoryWithoutAskingWhenItIsToDeleteItOnStart) {
    const MediaDriver first = start();
    std::ofstream{directory + "/publications/left.over"} << "x";
    context.delete_directory_on_start = true;

    const MediaDriver second = start();

    EXPECT_THAT(names_in(directory + "/publications"), IsEmpty());
}

TEST_F(MediaDriverTest, NeverDeletesADirectoryThatAnotherDriverHasTakenOver) {
    context.delete_directory_on_shutdown = true;
    MediaDriver first = start();
    context.delete_directory_on_start = true;
    const MediaDriver second = start();
    std::ofstream{directory + "/publications/9.logbuffer"} << "the second's";

    first.close();

    EXPECT_GT(heartbeat_ms(), 0);
    EXPECT_THAT(names_in(directory + "/publications"), ElementsAre("9.logbuffer"));
}

// spec: 06 §5.2a
TEST_F(MediaDriverTest, WarnsOfAnExistingDirectoryOnlyWhenAsked) {
    start().close();
    start().close();
    EXPECT_THAT(warnings, IsEmpty());

    context.warn_if_directory_exists = true;
    start().close();

    EXPECT_THAT(warnings, Contains(HasSubstr("'" + directory + "' exists")));
}

// spec: 01-C11, 06-C6
TEST_F(MediaDriverTest, SavesTheErrorsOfItsPredecessorBesideTheDirectory) {
    {
        MediaDriver first = start();
        const shm::CncFile cnc = open_cnc();
        shm::DistinctErrorLog errors{cnc.error_log(), SystemEpochClock::instance()};
        ASSERT_EQ(errors.record(11, "the disk is on fire"), shm::ErrorRecordResult::recorded);
    }

    const MediaDriver second = start();

    std::vector<std::string> saved = names_in(parent.path());
    saved.erase(std::remove(saved.begin(), saved.end(), "aeron"), saved.end());
    ASSERT_EQ(saved.size(), 1U);
    EXPECT_THAT(saved.front(), testing::MatchesRegex("aeron-.*-error\\.log"));
    std::ifstream file{parent / saved.front()};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_THAT(text, HasSubstr("the disk is on fire"));
    EXPECT_THAT(warnings, ElementsAre(HasSubstr(saved.front())));
}

// spec: 03-C55, 06-C17
TEST_F(MediaDriverTest, LeavesNoDirectoryWhenItsTimeoutsContradictEachOther) {
    const auto refuses = [this](const DriverContext& changed) {
        EXPECT_THROW((MediaDriver{changed, MainLoop::by_caller}), InvalidArgumentError);
        EXPECT_FALSE(std::filesystem::exists(directory));
    };
    const auto with = [this](const auto& change) {
        DriverContext changed = context;
        change(changed);
        return changed;
    };

    refuses(with([](DriverContext& c) { c.publication_unblock_timeout = c.client_liveness_timeout; }));
    refuses(with([](DriverContext& c) { c.client_liveness_timeout = c.timer_interval; }));
    refuses(with([](DriverContext& c) { c.untethered_window_limit_timeout = c.timer_interval; }));
    refuses(with([](DriverContext& c) { c.untethered_resting_timeout = c.timer_interval; }));
    refuses(with([](DriverContext& c) { c.untethered_linger_timeout = c.timer_interval; }));
}

TEST_F(MediaDriverTest, LeavesThePreviousDirectoryAloneWhenItsSettingsAreWrong) {
    start().close();
    context.ipc_mtu_length = 33;

    EXPECT_THROW(start(), InvalidArgumentError);

    EXPECT_EQ(heartbeat_ms(), -1);
}

TEST_F(MediaDriverTest, LeavesNothingBehindWhenAnAgentCannotStart) {
    context.on_agent_start = [](const std::string_view /*role*/) { throw InvalidArgumentError{"not today"}; };

    EXPECT_THROW(start(), InvalidArgumentError);
    EXPECT_FALSE(std::filesystem::exists(directory));

    context.threading_mode = ThreadingMode::dedicated;
    EXPECT_THROW(start_threads(), InvalidArgumentError);
    EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST_F(MediaDriverTest, SaysWhyADirectoryCannotBeMade) {
    std::ofstream{parent / "file"} << "x";
    context.directory = parent / "file/aeron";

    EXPECT_THROW(start(), IoError);
}

// spec: 06-C14
TEST_F(MediaDriverTest, NeedsACallerForTheInvokerModeAndThenHasNoThreads) {
    EXPECT_THROW(start_threads(), InvalidArgumentError);
    EXPECT_FALSE(std::filesystem::exists(directory));

    const std::size_t threads_before = thread_names().size();
    MediaDriver driver = start();

    EXPECT_EQ(thread_names().size(), threads_before);
    EXPECT_EQ(driver.do_work(), 0);
    driver.idle(1);
}

// spec: 01-C32
TEST_F(MediaDriverTest, GivesASignOfLifeEveryTimerIntervalWhileItIsIdle) {
    ManualClock clock;
    context.nano_clock = &clock;
    context.epoch_clock = &clock;
    MediaDriver driver = start();

    for (int interval = 0; interval < 5; ++interval) {
        const std::int64_t before = heartbeat_ms();
        clock.advance(1s + 1ms);
        driver.do_work();
        EXPECT_EQ(heartbeat_ms(), before + 1'001);
    }
}

// spec: 06 §2.6
TEST_F(MediaDriverTest, MeasuresTheConductorsDutyCycles) {
    ManualClock clock;
    context.nano_clock = &clock;
    context.epoch_clock = &clock;
    MediaDriver driver = start();
    const shm::CncFile cnc = open_cnc();

    clock.advance(100ms);
    driver.do_work();
    EXPECT_EQ(counters_of(cnc).value(26), 100'000'000);
    EXPECT_EQ(counters_of(cnc).value(27), 0);

    clock.advance(101ms);
    driver.do_work();
    EXPECT_EQ(counters_of(cnc).value(26), 101'000'000);
    EXPECT_EQ(counters_of(cnc).value(27), 1);
}

/// Sends a command as a client does.
template <typename Command>
void send(const shm::CncFile& cnc, const Command& command) {
    std::vector<std::byte> bytes(command::encoded_length(command));
    static_cast<void>(command::encode(command, bytes));
    ASSERT_EQ(shm::ManyToOneRingBuffer{cnc.to_driver_buffer()}.write(static_cast<std::int32_t>(Command::type), bytes),
              shm::RingWriteResult::written);
}

// spec: 06-C3
TEST_F(MediaDriverTest, DeletesTheLogsOfLivePublicationsWhenItCloses) {
    for (const ThreadingMode mode : {ThreadingMode::dedicated, ThreadingMode::shared_network, ThreadingMode::shared}) {
        context.threading_mode = mode;
        MediaDriver driver = start_threads();
        {
            const shm::CncFile cnc = open_cnc();
            send(cnc,
                 command::AddPublicationCommand{
                     .client_id = 1, .correlation_id = 17, .stream_id = 1'001, .channel = "aeron:ipc?term-length=64k"});
            wait_until([this] { return std::filesystem::exists(directory + "/publications/17.logbuffer"); },
                       "the log of the publication");
            wait_until([&cnc] { return counters_of(cnc).value(35) == 11'538'432 + 1'048'576 + 200'704; },
                       "the log to be counted as mapped");
        }

        driver.close();

        EXPECT_THAT(names_in(directory + "/publications"), IsEmpty());
        const shm::CncFile cnc = open_cnc();
        counters_of(cnc).for_each([](const CounterView& counter) { ADD_FAILURE() << "left over: " << counter.label; });
    }
}

// spec: 06-C15
TEST_F(MediaDriverTest, RunsItsAgentsOnThreadsNamedByTheirRoles) {
    std::mutex mutex;
    std::vector<std::string> roles;
    context.on_agent_start = [&](const std::string_view role) {
        const std::lock_guard lock{mutex};
        roles.emplace_back(role);
    };
    context.threading_mode = ThreadingMode::dedicated;
    {
        const MediaDriver driver = start_threads();
        EXPECT_THAT(thread_names(), Contains("conductor"));
        EXPECT_THAT(thread_names(), Contains("aeron-md-nra"));
        EXPECT_THAT(roles, ElementsAre("sender", "receiver", "aeron-md-nra", "conductor"));
    }
    roles.clear();
    context.threading_mode = ThreadingMode::shared_network;
    {
        const MediaDriver driver = start_threads();
        EXPECT_THAT(roles, ElementsAre("[sender, receiver]", "aeron-md-nra", "conductor"));
    }
    roles.clear();
    context.threading_mode = ThreadingMode::dedicated;
    context.thread_naming = ThreadNaming::aeron_md;
    {
        const MediaDriver driver = start_threads();
        EXPECT_THAT(roles, ElementsAre("aeron-md-snd", "aeron-md-rcv", "aeron-md-nra", "aeron-md-cnd"));
    }
    roles.clear();
    context.threading_mode = ThreadingMode::shared;
    {
        const MediaDriver driver = start_threads();
        EXPECT_THAT(thread_names(), Contains("aeron-md-shd"));
        EXPECT_THAT(thread_names(), testing::Not(Contains("aeron-md-nra")));
        EXPECT_THAT(roles, ElementsAre("aeron-md-shd"));
    }
    EXPECT_THAT(thread_names(), testing::Not(Contains("aeron-md-shd")));
}

// spec: 04-C98
TEST_F(MediaDriverTest, RefusesToStartWhereASocketCannotHoldADatagramOrAWindow) {
    context.mtu_length = 65'504;
    context.receiver_window_length = 65'504;
    context.socket_send_buffer_length = 8'192;
    const auto refusal = [this] {
        try {
            start();
        } catch (const InvalidArgumentError& error) {
            return std::string{error.what()};
        }
        return std::string{"started"};
    };
    EXPECT_THAT(refusal(), HasSubstr("aeron.mtu.length=65504 bytes do not fit into a socket's buffer"));

    context.socket_send_buffer_length = 0;
    context.receiver_window_length = 1'048'576;
    context.socket_receive_buffer_length = 65'536;
    EXPECT_THAT(refusal(), HasSubstr("aeron.rcv.initial.window.length=1048576 bytes do not fit"));
    EXPECT_FALSE(std::filesystem::exists(directory)) << "the disk is not touched before the settings are checked";
}

TEST_F(MediaDriverTest, CannotBeClosedByItsOwnAgents) {
    std::unique_ptr<MediaDriver> driver;
    std::optional<ErrorCode> refusal;
    context.termination_validator = [](const std::span<const std::byte> /*token*/) { return true; };
    context.termination_hook = [&] {
        try {
            driver->close();
        } catch (const Error& error) {
            refusal = error.code();
        }
    };
    driver = std::make_unique<MediaDriver>(context, MainLoop::by_caller);
    send(open_cnc(), command::TerminateDriverCommand{.client_id = 1});

    driver->do_work();

    EXPECT_EQ(refusal, ErrorCode::reentrant_call);
    EXPECT_FALSE(driver->is_closed());
    driver->close();
    EXPECT_TRUE(driver->is_closed());
}

TEST_F(MediaDriverTest, IsClosedWhenMovedFromAndWorksWhereItWasMovedTo) {
    MediaDriver driver = start();
    MediaDriver moved = std::move(driver);

    EXPECT_FALSE(moved.is_closed());
    EXPECT_EQ(moved.do_work(), 0);
    moved.close();
    moved.close();
    EXPECT_EQ(moved.do_work(), 0);
    moved.idle(0);
}

TEST(EmbeddedDriver, HasADirectoryOfItsOwnThatGoesWithIt) {
    std::string first_directory;
    {
        const EmbeddedDriver first;
        const EmbeddedDriver second;
        first_directory = first.directory();
        EXPECT_NE(first_directory, second.directory());
        EXPECT_TRUE(std::filesystem::exists(first_directory + "/cnc.dat"));
        EXPECT_THAT(thread_names(), Contains("[conductor, sen"));
    }
    EXPECT_FALSE(std::filesystem::exists(first_directory));
}

TEST(EmbeddedDriver, KeepsADirectoryThatItWasGiven) {
    const driver::TestDirectory parent;
    {
        const EmbeddedDriver driver{{.directory = parent / "aeron"}};
        EXPECT_EQ(driver.directory(), parent / "aeron");
    }
    EXPECT_TRUE(std::filesystem::exists(parent / "aeron/cnc.dat"));
}

TEST(EmbeddedDriver, IsSteppedByTheProgramInInvokerMode) {
    ManualClock clock;
    EmbeddedDriver driver{{.threading_mode = ThreadingMode::invoker, .nano_clock = &clock, .epoch_clock = &clock}};

    EXPECT_EQ(driver.do_work(), 0);
    clock.advance(2s);
    EXPECT_EQ(driver.do_work(), 1);
    driver.close();
    EXPECT_TRUE(driver.is_closed());
}

}  // namespace
}  // namespace cpperon
