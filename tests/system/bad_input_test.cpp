/// What is malformed, truncated, of another version, forbidden or too large: a clear typed error that names the value
/// and the remedy, nothing half-made left behind, and a driver that goes on serving others.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <grp.h>
#include <iostream>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/command/codec.hpp"
#include "cpperon/command/commands.hpp"
#include "cpperon/cpperon.hpp"
#include "cpperon/logbuffer/layout.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/error_log_reader.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"
#include "tests/system/process_fixture.hpp"

namespace cpperon::system_test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

constexpr std::int32_t errors_counter = 15;

/// A driver with the smallest files, that does not make tests wait.
DriverContext small_driver(const std::string& directory) {
    return {.directory = directory,
            .driver_timeout = 100ms,
            .threading_mode = ThreadingMode::shared,
            .counters_buffer_length = 1'048'576,
            .ipc_term_length = 65'536,
            .publication_linger_timeout = 1ms,
            .timer_interval = 2ms,
            .counters_free_to_reuse_timeout = 1ms};
}

/// Runs `action`, which must throw an `Error`; what it said.
std::optional<ErrorInfo> error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return ErrorInfo{error.code(), error.what()};
    }
    return std::nullopt;
}

std::vector<std::byte> bytes_of(const std::string& path) {
    const std::string text = text_of(path);
    const auto bytes = std::as_bytes(std::span{text});
    return {bytes.begin(), bytes.end()};
}

/// Puts a new file in the place of an old one, which those who map it keep.
void replace_file(const std::string& path, const std::span<const std::byte> bytes) {
    std::filesystem::remove(path);
    std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                                static_cast<std::streamsize>(bytes.size()));
}

/// A message goes through the driver of this directory.
void expect_served(Aeron& aeron, const std::int32_t stream_id = 77) {
    const Subscription subscription = aeron.add_subscription("aeron:ipc?term-length=64k", stream_id);
    const Publication publication = aeron.add_publication("aeron:ipc?term-length=64k", stream_id);
    wait_until([&] { return static_cast<bool>(publication.offer("served")); }, "an offer to be taken");
    wait_until([&] { return subscription.poll([](std::span<const std::byte>, const Header&) {}, 1) == 1; },
               "the message");
}

std::vector<std::string> files_below(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
        names.push_back(entry.path().string());
    }
    return names;
}

/// A file system of its own in a directory, as long as the object lives.
class SmallFileSystem {
public:
    explicit SmallFileSystem(const std::string& length) {
        is_mounted_ = ::mount("tmpfs", path().c_str(), "tmpfs", 0, ("size=" + length).c_str()) == 0;
    }
    SmallFileSystem(const SmallFileSystem&) = delete;
    SmallFileSystem& operator=(const SmallFileSystem&) = delete;
    ~SmallFileSystem() {
        if (is_mounted_) {
            ::umount2(path().c_str(), MNT_DETACH);
        }
    }

    [[nodiscard]] bool is_mounted() const noexcept { return is_mounted_; }
    [[nodiscard]] const std::string& path() const noexcept { return mount_point_.path(); }

private:
    ScratchDirectory mount_point_;
    bool is_mounted_ = false;
};

// The directory.

TEST(BadDirectory, ThatIsAFileIsNotTouched) {
    const ScratchDirectory scratch;
    const std::string path = scratch / "aeron";
    std::ofstream{path} << "mine";

    const auto error_of_driver = error_of([&] { const MediaDriver driver{small_driver(path)}; });
    const auto error_of_client =
        error_of([&] { static_cast<void>(Aeron::connect({.directory = path, .driver_timeout = 1ms})); });

    ASSERT_TRUE(error_of_driver);
    EXPECT_EQ(error_of_driver->code, ErrorCode::io_error);
    EXPECT_THAT(error_of_driver->message, HasSubstr(path));
    ASSERT_TRUE(error_of_client);
    EXPECT_THAT(error_of_client->message, HasSubstr(path));
    EXPECT_EQ(text_of(path), "mine");
}

/// Ends this process, which is a child of the test's, with 0 if `action` fails with a message that holds `part` and
/// `code`, without the privileges of root.
[[noreturn]] void fail_as_nobody(const std::function<void()>& action, const ErrorCode code, const std::string& part) {
    constexpr uid_t nobody = 65'534;
    if (::setgroups(0, nullptr) != 0 || ::setresgid(nobody, nobody, nobody) != 0 ||
        ::setresuid(nobody, nobody, nobody) != 0) {
        std::cerr << "cannot become another user: " << std::strerror(errno);
        std::_Exit(2);
    }
    const std::optional<ErrorInfo> error = error_of(action);
    if (!error) {
        std::cerr << "no error";
        std::_Exit(3);
    }
    std::cerr << error->message;
    std::_Exit(error->code == code && error->message.find(part) != std::string::npos ? 0 : 4);
}

TEST(BadDirectory, OfSomebodyElseIsNotTouched) {
    const ScratchDirectory scratch;
    std::filesystem::create_directories(scratch / "home/letters");
    std::ofstream{scratch / "home/letters/first"} << "Dear ...";

    for (const bool delete_on_start : {false, true}) {
        DriverContext context = small_driver(scratch / "home");
        context.delete_directory_on_start = delete_on_start;
        const auto error = error_of([&] { const MediaDriver driver{context}; });

        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, ErrorCode::invalid_argument);
        EXPECT_THAT(error->message, AllOf(HasSubstr(scratch / "home"), HasSubstr("no Aeron directory"),
                                          HasSubstr("'letters'"), HasSubstr("choose another one")));
        EXPECT_EQ(files_below(scratch.path()).size(), 3U);
    }
}

TEST(BadDirectory, OnAReadOnlyFileSystemIsNamed) {
    const SmallFileSystem disk{"1m"};
    if (!disk.is_mounted() || ::mount(nullptr, disk.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
        GTEST_SKIP() << "mounting a file system needs privileges that this process does not have";
    }
    const std::string directory = disk.path() + "/aeron";

    const auto error = error_of([&] { const MediaDriver driver{small_driver(directory)}; });

    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::io_error);
    EXPECT_THAT(error->message, AllOf(HasSubstr(directory), HasSubstr("Read-only file system")));
}

TEST(BadDirectory, WithoutPermissionIsNamed) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can become another user here";
    }
    const ScratchDirectory scratch;  // mode 0700, root's
    const std::string path = scratch / "aeron";
    const auto start = [&] { const MediaDriver driver{small_driver(path)}; };
    EXPECT_EXIT(fail_as_nobody(start, ErrorCode::io_error, path), testing::ExitedWithCode(0), "Permission denied");
    EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));

    const auto connect = [&] { static_cast<void>(Aeron::connect({.directory = path, .driver_timeout = 1ms})); };
    EXPECT_EXIT(fail_as_nobody(connect, ErrorCode::driver_timeout, path), testing::ExitedWithCode(0), "ermission");
}

// The driver is a process of its own: this one must have no other thread when it forks.
using ForeignDirectory = ProcessFixture;

TEST_F(ForeignDirectory, OfALivingDriverIsNeitherTakenNorUsed) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can become another user here";
    }
    ASSERT_EQ(::chmod(scratch.path().c_str(), 0755), 0);
    const auto driver = start_driver();
    ASSERT_EQ(::chmod(shm::cnc_path(directory).c_str(), 0600), 0);

    const auto start = [&] { const MediaDriver intruder{small_driver(directory)}; };
    EXPECT_EXIT(fail_as_nobody(start, ErrorCode::io_error, directory), testing::ExitedWithCode(0), "ermission");
    const auto connect_as_nobody = [&] {
        static_cast<void>(Aeron::connect({.directory = directory, .driver_timeout = 1ms}));
    };
    EXPECT_EXIT(fail_as_nobody(connect_as_nobody, ErrorCode::driver_timeout, directory), testing::ExitedWithCode(0),
                "ermission");

    Aeron aeron = connect();
    ProcessFixture::expect_served(aeron);
}

// The CnC file.

class BadCncFile : public testing::Test {
protected:
    /// What a driver leaves behind that was closed in order.
    static std::vector<std::byte> healthy_file() {
        const ScratchDirectory scratch;
        MediaDriver driver{small_driver(scratch / "aeron")};
        driver.close();
        return bytes_of(shm::cnc_path(driver.directory()));
    }
    /// Leaves a file with these bytes behind, as if a driver had.
    void leave(const std::span<const std::byte> bytes) const {
        std::filesystem::create_directories(directory);
        replace_file(shm::cnc_path(directory), bytes);
    }
    [[nodiscard]] std::optional<ErrorInfo> error_of_connect() const {
        return error_of([&] { static_cast<void>(Aeron::connect({.directory = directory, .driver_timeout = 1ms})); });
    }
    /// Whatever lies there, a driver takes the directory over and serves.
    void expect_taken_over() const {
        MediaDriver driver{small_driver(directory)};
        Aeron aeron = Aeron::connect({.directory = directory});
        expect_served(aeron);
        aeron.close();
        driver.close();
    }
    template <typename Value>
    static void put(std::vector<std::byte>& file, const std::size_t offset, const Value value) {
        std::memcpy(file.data() + offset, &value, sizeof value);
    }

    ScratchDirectory scratch;
    std::string directory = scratch / "aeron";
    std::vector<std::byte> file = healthy_file();
};

TEST_F(BadCncFile, TruncatedAnywhereIsRefusedByClientsAndReplacedByADriver) {
    const std::uint64_t seed = test_seed();
    SCOPED_TRACE("CPPERON_TEST_SEED=" + std::to_string(seed));
    std::mt19937_64 random{seed};
    std::vector<std::size_t> lengths{
        0, 1, 4, 24, 127, 128, 129, 136, 4'096, 65'536, file.size() / 2, file.size() - 4'096};
    for (int i = 0; i < 20; ++i) {
        lengths.push_back(random() % (file.size() - 4'096));
    }

    for (const std::size_t length : lengths) {
        SCOPED_TRACE(std::to_string(length) + " of " + std::to_string(file.size()) + " bytes");
        leave(std::span{file}.first(length));

        const auto error = error_of_connect();

        ASSERT_TRUE(error);
        EXPECT_THAT(error->code, length <= 128 ? ErrorCode::driver_timeout : ErrorCode::malformed_file);
        EXPECT_THAT(error->message, AllOf(HasSubstr("cnc.dat"), HasSubstr(std::to_string(length))));
    }
    for (const std::size_t length : {std::size_t{0}, std::size_t{129}, file.size() / 2}) {
        leave(std::span{file}.first(length));
        expect_taken_over();
    }
}

TEST_F(BadCncFile, OfAnotherMajorVersionIsRefusedByClientsAndDrivers) {
    for (const std::int32_t version : {0x00'01'00'00, 0x00'ff'02'00, -1}) {
        put(file, offsetof(shm::CncHeader, cnc_version), version);
        leave(file);

        const auto error = error_of_connect();

        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, ErrorCode::incompatible_version);
        EXPECT_THAT(error->message, AllOf(HasSubstr("cnc.dat"), HasSubstr("matching driver")));
        const auto error_of_driver = error_of([&] { const MediaDriver driver{small_driver(directory)}; });
        ASSERT_TRUE(error_of_driver);
        EXPECT_EQ(error_of_driver->code, ErrorCode::active_driver);
        EXPECT_THAT(error_of_driver->message, AllOf(HasSubstr(directory), HasSubstr("of another version")));
        EXPECT_EQ(bytes_of(shm::cnc_path(directory)), file) << "it is left as it was";
    }
}

TEST_F(BadCncFile, WithImpossibleSectionLengthsIsRefusedByClientsAndReplacedByADriver) {
    constexpr std::array fields{
        offsetof(shm::CncHeader, to_driver_buffer_length), offsetof(shm::CncHeader, to_clients_buffer_length),
        offsetof(shm::CncHeader, counters_metadata_buffer_length),
        offsetof(shm::CncHeader, counters_values_buffer_length), offsetof(shm::CncHeader, error_log_buffer_length)};
    constexpr std::array hostile{std::numeric_limits<std::int32_t>::min(), -1, 1, 7, 769, 0x7f'ff'ff'f8,
                                 std::numeric_limits<std::int32_t>::max()};

    for (const std::size_t field : fields) {
        for (const std::int32_t length : hostile) {
            SCOPED_TRACE("length " + std::to_string(length) + " at " + std::to_string(field));
            std::vector<std::byte> broken = file;
            put(broken, field, length);
            leave(broken);

            const auto error = error_of_connect();

            ASSERT_TRUE(error);
            // The error log may be short: it is the last section, and the client, which does not read it, only finds
            // that the driver was closed.
            const bool is_possible = field == offsetof(shm::CncHeader, error_log_buffer_length) && length > 0 &&
                                     length < shm::default_error_log_buffer_length;
            EXPECT_EQ(error->code, is_possible ? ErrorCode::driver_timeout : ErrorCode::malformed_file);
            EXPECT_THAT(error->message, HasSubstr("cnc.dat"));
        }
    }
    expect_taken_over();
}

// Log files.

/// A driver and two clients in this thread, so that a log can be spoilt between its announcement and its mapping.
class BadLogFile : public testing::Test {
protected:
    static constexpr std::size_t term_length = 65'536;

    [[nodiscard]] Aeron connect() {
        return Aeron::connect({.directory = driver.directory(),
                               .invoker_mode = true,
                               .driver_do_work = [this] { return driver.do_work(); },
                               .on_error =
                                   [this](const Error& error) {
                                       errors.push_back({error.code(), error.what()});
                                   }});
    }
    static DriverContext stepped() {
        DriverContext context = small_driver({});
        context.threading_mode = ThreadingMode::invoker;
        return context;
    }
    void step_driver_until(const std::function<bool()>& condition, const std::string& what) {
        wait_until(
            [&] {
                driver.do_work();
                return condition();
            },
            what);
    }
    [[nodiscard]] std::vector<std::string> logs() const { return files_below(driver.directory() + "/publications"); }

    /// Each a way to spoil a log.
    static std::map<std::string, std::function<void(std::vector<std::byte>&)>> mistakes() {
        const auto resized = [](const std::size_t length) {
            return [length](std::vector<std::byte>& log) { log.resize(length); };
        };
        const auto with = [](const std::size_t offset, const std::int32_t value) {
            return [offset, value](std::vector<std::byte>& log) {
                std::memcpy(log.data() + (log.size() - logbuffer::metadata_length + offset), &value, sizeof value);
            };
        };
        using logbuffer::LogMetadata;
        return {{"empty", resized(0)},
                {"one byte", resized(1)},
                {"a page", resized(4'096)},
                {"without metadata", resized(3 * term_length)},
                {"cut", resized(3 * term_length + 4'095)},
                {"longer", resized(3 * term_length + 8'192)},
                {"all zero", [](std::vector<std::byte>& log) { std::fill(log.begin(), log.end(), std::byte{0}); }},
                {"all ones", [](std::vector<std::byte>& log) { std::fill(log.begin(), log.end(), std::byte{0xff}); }},
                {"term length 0", with(offsetof(LogMetadata, term_length), 0)},
                {"term length -65536", with(offsetof(LogMetadata, term_length), -65'536)},
                {"term length 128k", with(offsetof(LogMetadata, term_length), 131'072)},
                {"term length 65537", with(offsetof(LogMetadata, term_length), 65'537)},
                {"page size 0", with(offsetof(LogMetadata, page_size), 0)},
                {"page size 1000", with(offsetof(LogMetadata, page_size), 1'000)},
                {"page size 1g", with(offsetof(LogMetadata, page_size), 1'073'741'824)},
                {"mtu 0", with(offsetof(LogMetadata, mtu_length), 0)},
                {"mtu -1", with(offsetof(LogMetadata, mtu_length), -1)},
                {"mtu 1m", with(offsetof(LogMetadata, mtu_length), 1'048'576)}};
    }
    static void spoil(const std::string& path, const std::function<void(std::vector<std::byte>&)>& mistake) {
        std::vector<std::byte> log = bytes_of(path);
        mistake(log);
        replace_file(path, log);
    }

    std::vector<ErrorInfo> errors;
    EmbeddedDriver driver{stepped()};
};

TEST_F(BadLogFile, FailsTheAddOfItsPublicationWhichIsGivenBack) {
    Aeron aeron = connect();
    for (const bool is_exclusive : {false, true}) {
        for (const auto& entry : mistakes()) {
            const auto& mistake = entry.second;
            SCOPED_TRACE(entry.first);
            std::optional<ErrorInfo> error;
            const auto add = [&](auto pending) {
                const RegistrationId id = pending.registration_id();
                aeron.do_work();
                step_driver_until([&] { return !logs().empty(); }, "the log to be created");
                for (int i = 0; i < 10; ++i) {
                    driver.do_work();
                }
                ASSERT_EQ(logs().size(), 1U);
                const std::string path = logs().front();
                EXPECT_THAT(path, HasSubstr(std::to_string(static_cast<std::int64_t>(id))));
                spoil(path, mistake);
                auto result = pending.try_wait();
                ASSERT_FALSE(result);
                error = result.error();
                EXPECT_THAT(error->message, HasSubstr(path));
            };

            if (is_exclusive) {
                add(aeron.async_add_exclusive_publication("aeron:ipc", 1'001));
            } else {
                add(aeron.async_add_publication("aeron:ipc", 1'001));
            }

            ASSERT_TRUE(error);
            EXPECT_EQ(error->code, ErrorCode::generic_error);
            wait_until(
                [&] {
                    aeron.do_work();
                    driver.do_work();
                    return logs().empty();
                },
                "the driver to drop the publication");
        }
    }
    expect_served(aeron);
    EXPECT_TRUE(errors.empty());
}

TEST_F(BadLogFile, LeavesItsImageOutAndTellsTheErrorHandler) {
    Aeron publisher = connect();
    Aeron subscriber = connect();
    const Subscription subscription = subscriber.add_subscription("aeron:ipc", 1'001);
    for (const auto& [name, mistake] : mistakes()) {
        SCOPED_TRACE(name);
        errors.clear();
        const Publication publication = publisher.add_publication("aeron:ipc", 1'001);
        for (int i = 0; i < 10; ++i) {
            driver.do_work();
        }
        const std::string path = logs().front();
        spoil(path, mistake);

        wait_until(
            [&] {
                subscriber.do_work();
                driver.do_work();
                return !errors.empty();
            },
            "the error handler to be told");

        ASSERT_EQ(errors.size(), 1U);
        EXPECT_EQ(errors[0].code, ErrorCode::generic_error);
        EXPECT_THAT(errors[0].message, HasSubstr(path));
        EXPECT_EQ(subscription.image_count(), 0U);
        publication.close();
        wait_until(
            [&] {
                publisher.do_work();
                subscriber.do_work();
                driver.do_work();
                return logs().empty();
            },
            "the driver to drop the publication");
    }
    EXPECT_FALSE(subscriber.is_closed());
}

// The file system.

TEST(FullFileSystem, FailsTheStartOfADriverWhichLeavesNothingBehind) {
    const SmallFileSystem disk{"1m"};
    if (!disk.is_mounted()) {
        GTEST_SKIP() << "mounting a file system needs privileges that this process does not have";
    }
    const std::string directory = disk.path() + "/aeron";

    const auto error = error_of([&] { const MediaDriver driver{small_driver(directory)}; });

    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::io_error);
    EXPECT_THAT(error->message, AllOf(HasSubstr("cnc.dat"), HasSubstr("No space left on device")));
    EXPECT_THAT(files_below(disk.path()), testing::IsEmpty());
}

TEST(FullFileSystem, FailsTheStartOfADriverAlsoWhereOnlyTheLossReportDoesNotFit) {
    const SmallFileSystem disk{"12m"};
    if (!disk.is_mounted()) {
        GTEST_SKIP() << "mounting a file system needs privileges that this process does not have";
    }
    DriverContext context = small_driver(disk.path() + "/aeron");
    context.loss_report_buffer_length = 16'777'216;

    const auto error = error_of([&] { const MediaDriver driver{context}; });

    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::io_error);
    EXPECT_THAT(error->message, AllOf(HasSubstr("loss-report.dat"), HasSubstr("No space left on device")));
    EXPECT_THAT(files_below(disk.path()), testing::IsEmpty());
}

class LogThatDoesNotFit : public testing::TestWithParam<bool> {};

TEST_P(LogThatDoesNotFit, IsRefusedWithWhatToDoAndLeavesTheDriverServing) {
    const SmallFileSystem disk{"16m"};
    if (!disk.is_mounted()) {
        GTEST_SKIP() << "mounting a file system needs privileges that this process does not have";
    }
    DriverContext context = small_driver(disk.path() + "/aeron");
    // Unchecked, the file system refuses when the space is to be allocated.
    context.perform_storage_checks = GetParam();
    context.sparse_term_buffers = GetParam();
    context.low_storage_warning_threshold = 0;
    const MediaDriver driver{context};
    Aeron aeron = Aeron::connect({.directory = driver.directory()});
    const CountersReader counters = aeron.counters_reader();
    expect_served(aeron);
    wait_until([&] { return files_below(driver.directory() + "/publications").empty(); }, "the first log to go");

    for (const bool is_exclusive : {false, true}) {
        const std::int64_t errors_before = counters.value(errors_counter);
        const auto error = error_of([&] {
            if (is_exclusive) {
                static_cast<void>(aeron.add_exclusive_publication("aeron:ipc?term-length=1g", 1'001));
            } else {
                static_cast<void>(aeron.add_publication("aeron:ipc?term-length=1g", 1'001));
            }
        });

        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, ErrorCode::storage_space);
        EXPECT_THAT(error->message, HasSubstr(driver.directory()));
        EXPECT_THAT(error->message, GetParam() ? HasSubstr("free space there, or use a smaller term-length")
                                               : HasSubstr("No space left on device"));
        EXPECT_EQ(counters.value(errors_counter), errors_before + 1);
        EXPECT_THAT(files_below(driver.directory() + "/publications"), testing::IsEmpty());
    }
    expect_served(aeron);
}

INSTANTIATE_TEST_SUITE_P(StorageChecks, LogThatDoesNotFit, testing::Bool(),
                         [](const auto& instance) { return instance.param ? "Checked" : "Unchecked"; });

// Channels and commands.

class BadCommand : public testing::Test {
protected:
    static DriverContext quick() { return small_driver({}); }

    [[nodiscard]] std::vector<std::string> error_log() const {
        const auto cnc = shm::CncFile::try_open(shm::cnc_path(driver.directory()), Access::read_only).file;
        std::vector<std::string> texts;
        ErrorLogReader{cnc->error_log()}.for_each(
            [&](const ErrorObservation& error) { texts.emplace_back(error.text); });
        return texts;
    }
    [[nodiscard]] std::int64_t error_count() const { return aeron.counters_reader().value(errors_counter); }

    /// Puts a command into the driver's ring, as any process may, and waits until it is taken.
    void write(const std::int32_t type_id, const std::span<const std::byte> bytes) {
        const auto cnc = shm::CncFile::try_open(shm::cnc_path(driver.directory()), Access::read_write).file;
        shm::ManyToOneRingBuffer ring{cnc->to_driver_buffer()};
        ASSERT_EQ(ring.write(type_id, bytes), shm::RingWriteResult::written);
        wait_until([&] { return ring.consumer_position() == ring.producer_position(); },
                   "the driver to take the command");
    }
    template <typename Command>
    static std::vector<std::byte> encoded(const Command& command) {
        std::vector<std::byte> bytes(command::encoded_length(command));
        static_cast<void>(command::encode(command, bytes));
        return bytes;
    }

    EmbeddedDriver driver{quick()};
    Aeron aeron = Aeron::connect({.directory = driver.directory()});
};

TEST_F(BadCommand, MalformedChannelIsRefusedByTheClientWithoutAskingTheDriver) {
    const std::vector<std::string> channels{"",
                                            "aeron",
                                            "aeron:",
                                            "ipc",
                                            "aeron-spy:",
                                            "http://localhost:40123",
                                            "aeron:ipc?term-length|mtu=2k",
                                            "aeron:ipc?=64k",
                                            "aeron:udp|ipc",
                                            std::string(4'096, 'a'),
                                            "aeron:ipc?alias=" + std::string(4'096, 'x')};
    for (const std::string& channel : channels) {
        SCOPED_TRACE(channel.substr(0, 60));
        const std::array adds{error_of([&] { static_cast<void>(aeron.add_publication(channel, 1'001)); }),
                              error_of([&] { static_cast<void>(aeron.add_exclusive_publication(channel, 1'001)); }),
                              error_of([&] { static_cast<void>(aeron.add_subscription(channel, 1'001)); })};

        for (const std::optional<ErrorInfo>& error : adds) {
            ASSERT_TRUE(error);
            EXPECT_EQ(error->code, ErrorCode::invalid_channel) << error->message;
            EXPECT_FALSE(error->message.empty());
        }
    }
    EXPECT_EQ(error_count(), 0);
    EXPECT_TRUE(error_log().empty());
    expect_served(aeron);
}

TEST_F(BadCommand, ChannelWithWrongValuesIsRefusedByTheDriverAndLogged) {
    for (const std::string_view parameters :
         {"term-length=3", "term-length=2g", "term-length=-64k", "mtu=1", "mtu=100", "mtu=1m", "session-id=many",
          "linger=soon", "term-id=1", "init-term-id=0|term-id=0|term-offset=7|term-length=64k", "eos=perhaps"}) {
        const std::string channel = "aeron:ipc?" + std::string{parameters};
        SCOPED_TRACE(channel);
        const std::int64_t errors_before = error_count();

        const auto error = error_of([&] { static_cast<void>(aeron.add_exclusive_publication(channel, 1'001)); });

        if (!error) {
            ADD_FAILURE() << "accepted";
            continue;
        }
        EXPECT_THAT(error->code, AnyOf(ErrorCode::invalid_channel, ErrorCode::generic_error)) << error->message;
        EXPECT_EQ(error_count(), errors_before + 1);
    }
    EXPECT_THAT(files_below(driver.directory() + "/publications"), testing::IsEmpty());
    expect_served(aeron);
}

TEST_F(BadCommand, MalformedChannelInTheRingIsLoggedAndCounted) {
    for (const std::string_view channel : {"", "nonsense", "aeron:", "aeron:ipc?term-length=x", "aeron:ipc?|"}) {
        SCOPED_TRACE(channel);
        const std::int64_t errors_before = error_count();

        write(static_cast<std::int32_t>(command::CommandType::add_publication),
              encoded(command::AddPublicationCommand{
                  .client_id = aeron.client_id(), .correlation_id = 4'711, .stream_id = 1, .channel = channel}));

        wait_until([&] { return error_count() == errors_before + 1; }, "the error to be counted");
        EXPECT_FALSE(error_log().empty());
    }
    expect_served(aeron);
}

TEST_F(BadCommand, CutAnywhereOrOfNoKnownTypeIsLoggedAndCounted) {
    const std::vector<std::byte> whole = encoded(command::AddSubscriptionCommand{
        .client_id = aeron.client_id(), .correlation_id = 4'711, .stream_id = 1, .channel = "aeron:ipc"});
    const std::int64_t errors_before = error_count();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        write(static_cast<std::int32_t>(command::CommandType::add_subscription), std::span{whole}.first(length));
    }
    write(119, whole);
    write(std::numeric_limits<std::int32_t>::max(), {});

    // Commands are executed one after the other: this one last.
    expect_served(aeron);

    EXPECT_EQ(error_count(), errors_before + static_cast<std::int64_t>(whole.size()) + 2);
    EXPECT_THAT(error_log(), testing::Contains(HasSubstr("malformed")));
    EXPECT_THAT(error_log(), testing::Contains(HasSubstr("there is no command with type id 119")));
}

TEST_F(BadCommand, RandomBytesNeverStopTheDriver) {
    const std::uint64_t seed = test_seed();
    SCOPED_TRACE("CPPERON_TEST_SEED=" + std::to_string(seed));
    std::mt19937_64 random{seed};
    for (int i = 0; i < (test::is_sanitized ? 500 : 5'000); ++i) {
        std::vector<std::byte> bytes(random() % 200);
        // Small values more often: they are the ones that mean something.
        for (std::byte& byte : bytes) {
            byte = random() % 2 == 0 ? std::byte{0} : static_cast<std::byte>(random());
        }
        write(static_cast<std::int32_t>(1 + random() % 20), bytes);
    }

    expect_served(aeron);
    EXPECT_GT(error_count(), 0);
}

}  // namespace
}  // namespace cpperon::system_test
