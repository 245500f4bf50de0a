/// The driver as a program: command line, signals, termination, and what happens when it is killed.
#include "tests/system/driver_process.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/version.hpp"
#include "cpperon/client/aeron.hpp"
#include "cpperon/command/codec.hpp"
#include "cpperon/command/commands.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"
#include "tests/support/sanitizer.hpp"

namespace cpperon::system_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string without_comments(const std::string& properties) {
    std::istringstream lines{properties};
    std::string rest;
    for (std::string line; std::getline(lines, line);) {
        rest += line.starts_with('#') ? "" : line + "\n";
    }
    return rest;
}

/// A directory for one driver process after the other, seen as a client sees it.
struct DriverProcessFixture : testing::Test {
    ScratchDirectory scratch;
    std::string directory = scratch / "aeron";
    std::vector<std::string> environment;  // of the processes, beside the directory

    /// The arguments come behind those that keep it small and name its directory.
    DriverProcess make(const std::vector<std::string>& more_arguments = {}) {
        std::vector<std::string> arguments{"-Daeron.counters.buffer.length=1m", "-Daeron.dir=" + directory};
        arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
        return DriverProcess{arguments, environment};
    }

    static std::optional<shm::CncFile> open_cnc(const std::string& driver_directory) {
        return shm::CncFile::try_open(shm::cnc_path(driver_directory), Access::read_write).file;
    }
    [[nodiscard]] std::optional<std::int64_t> heartbeat_ms() const {
        const auto cnc = open_cnc(directory);
        return cnc ? std::optional{shm::ManyToOneRingBuffer{cnc->to_driver_buffer()}.consumer_heartbeat_ms()}
                   : std::nullopt;
    }
    bool is_alive() const { return heartbeat_ms().value_or(-1) > 0; }
    void wait_until_up(DriverProcess& driver) const {
        ASSERT_TRUE(wait_until([&] { return is_alive() || driver.has_ended(); }, "the driver to start"));
        ASSERT_FALSE(driver.has_ended()) << driver.error_output();
    }

    /// Asks the driver to end, and waits until it has taken the command.
    void request_termination() const {
        const auto cnc = open_cnc(directory);
        ASSERT_TRUE(cnc);
        shm::ManyToOneRingBuffer commands{cnc->to_driver_buffer()};
        const command::TerminateDriverCommand command{.client_id = 1};
        std::vector<std::byte> bytes(command::encoded_length(command));
        static_cast<void>(command::encode(command, bytes));
        ASSERT_EQ(commands.write(static_cast<std::int32_t>(command.type), bytes), shm::RingWriteResult::written);
        ASSERT_TRUE(wait_until([&] { return commands.consumer_position() == commands.producer_position(); },
                               "the driver to take the command"));
    }
};
using DriverProgram = DriverProcessFixture;

// spec: 06-C12
TEST(DriverProgramWithoutDirectory, PrintsItsVersion) {
    DriverProcess program{{"-v"}, {}};

    EXPECT_EQ(program.exit_status(), 0);
    const std::string version{version_text};
    EXPECT_THAT(program.output(), StartsWith("cpperond <aeron version=" + version + " commit="));
    EXPECT_THAT(program.output(), HasSubstr("> major 0 minor 1 patch 0 git "));
}

// spec: 06-C12
TEST(DriverProgramWithoutDirectory, ExplainsItselfWhenAskedAndWhenMisused) {
    DriverProcess asked{{"--help"}, {}};
    EXPECT_EQ(asked.exit_status(), 0);
    EXPECT_THAT(asked.output(), AllOf(HasSubstr("Usage: cpperond"), HasSubstr("\nThreads:\n  aeron.threading.mode "),
                                      HasSubstr("\nNames:\n  aeron.name.resolver.supplier ")));

    for (const std::string argument : {"--frobnicate", "--print-config=xml"}) {
        DriverProcess misused{{argument}, {}};
        EXPECT_EQ(misused.exit_status(), 1);
        EXPECT_THAT(misused.error_output(), HasSubstr("Usage: cpperond"));
        EXPECT_EQ(misused.output(), "");
    }
}

TEST(DriverProgramWithoutDirectory, ExplainsItsSettings) {
    DriverProcess all{{"--help-settings"}, {}};
    EXPECT_EQ(all.exit_status(), 0);
    EXPECT_THAT(all.output(), AllOf(HasSubstr("Publications\n"), HasSubstr("  aeron.dir\n  AERON_DIR\n")));

    DriverProcess some{{"--help-settings", "Rcv.Initial"}, {}};
    EXPECT_EQ(some.exit_status(), 0);
    EXPECT_EQ(some.output(),
              "Subscriptions and images\n"
              "\n"
              "  aeron.rcv.initial.window.length\n"
              "  AERON_RCV_INITIAL_WINDOW_LENGTH\n"
              "      How far senders may be ahead of a receiver; at most half a term, at least aeron.mtu.length.\n"
              "      Default: 128k. Allowed: a size of at least 256.\n");

    DriverProcess none{{"--help-settings", "frobnication"}, {}};
    EXPECT_EQ(none.exit_status(), 1);
    EXPECT_THAT(none.error_output(), HasSubstr("no setting has 'frobnication' in its name or meaning"));
}

// spec: 06 §4
TEST_F(DriverProgram, RunsUnderTheNameOfTheReferenceDriver) {
    const std::string link = scratch / "aeronmd";
    std::filesystem::create_symlink(CPPERON_BIN "/cpperond", link);

    ChildProcess version{{link, "-v"}};
    EXPECT_EQ(version.exit_status(), 0);
    EXPECT_THAT(version.output(), StartsWith("aeronmd <aeron version="));
    ChildProcess misused{{link, "-x"}};
    EXPECT_EQ(misused.exit_status(), 1);
    EXPECT_THAT(misused.error_output(), HasSubstr("Usage: aeronmd"));

    ChildProcess driver{{link, "-Daeron.dir=" + directory}};
    wait_until([&] { return is_alive() || driver.has_ended(); }, "the driver to start");
    driver.send(SIGTERM);
    EXPECT_EQ(driver.exit_status(), SIGTERM) << driver.error_output();
}

// spec: 06 §3.1
TEST_F(DriverProgram, PrintsItsEffectiveSettingsWithTheirSourcesAndTouchesNothing) {
    std::ofstream{scratch / "a.properties"} << "# two lines\naeron.timer.interval=300ms\n";
    environment = {"AERON_MTU_LENGTH=8k", "AERON_TIMER_INTERVAL=2s"};
    DriverProcess program = make(
        {"--print-config", "-Daeron.mtu.length=4k", "-Daeron.driver.resource.free.limit=0", scratch / "a.properties"});

    EXPECT_EQ(program.exit_status(), 0) << program.error_output();
    EXPECT_EQ(program.error_output(), "");
    const std::string text = program.output();
    EXPECT_THAT(text, AllOf(HasSubstr("# -D: aeron.dir=" + directory + "\naeron.dir=" + directory + "\n"),
                            HasSubstr("# -D: aeron.mtu.length=4k\naeron.mtu.length=4096\n"),
                            HasSubstr("a.properties:2: aeron.timer.interval=300ms\naeron.timer.interval=300000000\n"),
                            HasSubstr("# -D: aeron.driver.resource.free.limit=0\naeron.driver.resource.free.limit=1\n"),
                            HasSubstr("\n\n# Threads\n\naeron.threading.mode=DEDICATED\n")));
    EXPECT_FALSE(std::filesystem::exists(directory));

    // It is a properties file with the same effect.
    std::ofstream{scratch / "effective.properties"} << text;
    DriverProcess again{{"--print-config", scratch / "effective.properties"}, {}};
    EXPECT_EQ(again.exit_status(), 0);
    EXPECT_EQ(again.error_output(), "");
    EXPECT_EQ(without_comments(again.output()), without_comments(text));
}

TEST_F(DriverProgram, PrintsItsEffectiveSettingsForPrograms) {
    environment = {"AERON_IPC_MTU_LENGTH=2k"};
    DriverProcess program = make({"--print-config=json", "-Daeron.rejoin.stream=off"});

    EXPECT_EQ(program.exit_status(), 0);
    const auto settings = nlohmann::json::parse(program.output()).at("settings");
    EXPECT_EQ(settings.at("aeron.dir"), (nlohmann::json{{"value", directory}, {"source", "-D"}, {"given", directory}}));
    EXPECT_EQ(settings.at("aeron.ipc.mtu.length"),
              (nlohmann::json{{"value", 2'048}, {"source", "environment"}, {"given", "2k"}}));
    EXPECT_EQ(settings.at("aeron.rejoin.stream").at("value"), false);
    EXPECT_EQ(settings.at("aeron.untethered.linger.timeout"),
              (nlohmann::json{{"value", nullptr}, {"source", "default"}}));
    EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST_F(DriverProgram, SaysWhenItWouldNotStartWithTheSettingsThatItPrints) {
    DriverProcess program = make({"--print-config", "-Daeron.client.liveness.timeout=1s"});

    EXPECT_EQ(program.exit_status(), 1);
    EXPECT_THAT(program.output(), HasSubstr("\naeron.client.liveness.timeout=1000000000\n"));
    EXPECT_THAT(program.error_output(), HasSubstr("must be above aeron.timer.interval"));
}

TEST_F(DriverProgram, WarnsOfSettingsThatNobodyReads) {
    std::ofstream{scratch / "a.properties"} << "aeron.archive.dir=/archive\n\naeron.termbuffer.length=64k\n";
    environment = {"AERON_THREADING_MOD=SHARED", "AERON_CLIENT_NAME=me", "AERON_EMPTY="};
    DriverProcess driver = make({"-Daeron.foo=1", scratch / "a.properties"});
    wait_until_up(driver);

    EXPECT_EQ(driver.error_output(),
              "WARNING: -D: unknown setting 'aeron.foo'; `cpperond --help-settings` lists those that there are\n"
              "WARNING: " +
                  (scratch / "a.properties") +
                  ":3: unknown setting 'aeron.termbuffer.length'; did you mean aeron.term.buffer.length?\n"
                  "WARNING: environment: unknown setting 'AERON_THREADING_MOD'; did you mean AERON_THREADING_MODE?\n");
}

/// Answers one request after the other, each with the next of these texts.
class WebServer {
public:
    explicit WebServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* const any_address = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(listener_, any_address, length), 0);
        EXPECT_EQ(::listen(listener_, 1), 0);
        EXPECT_EQ(::getsockname(listener_, any_address, &length), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread{[this] { answer(); }};
    }
    WebServer(const WebServer&) = delete;
    WebServer& operator=(const WebServer&) = delete;
    ~WebServer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }

    [[nodiscard]] std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }

private:
    void answer() const {
        for (const std::string& text : answers_) {
            const int connection = ::accept(listener_, nullptr, nullptr);
            std::string request;
            std::array<char, 1'024> buffer{};
            while (request.find("\r\n\r\n") == std::string::npos) {
                const ssize_t length = ::recv(connection, buffer.data(), buffer.size(), 0);
                if (length <= 0) {
                    break;
                }
                request.append(buffer.data(), static_cast<std::size_t>(length));
            }
            ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
            ::close(connection);
        }
    }

    std::vector<std::string> answers_;
    int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::uint16_t port_ = 0;
    std::thread thread_;
};

std::string answer_with(const std::string& status, const std::string& header, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + header +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// spec: 06 §3.2
TEST_F(DriverProgram, ReadsPropertiesFromTheWeb) {
    const std::string moved = answer_with("302 Found", "Location: /b.properties\r\n", "");
    const WebServer server{{answer_with("200 OK", "", "aeron.mtu.length=2k\n"), moved,
                            answer_with("200 OK", "", "aeron.ipc.mtu.length=4k\n"),
                            answer_with("404 Not Found", "", "none\n"), moved, moved}};

    DriverProcess program = make({"--print-config", server.url("/a.properties"), server.url("/moved")});
    EXPECT_EQ(program.exit_status(), 0) << program.error_output();
    EXPECT_THAT(program.output(),
                AllOf(HasSubstr("\naeron.mtu.length=2048\n"), HasSubstr("\naeron.ipc.mtu.length=4096\n"),
                      HasSubstr("# " + server.url("/a.properties") + ":1: aeron.mtu.length=2k\n")));

    for (const std::string answer : {"404", "302"}) {
        DriverProcess refused = make({server.url("/none")});
        EXPECT_EQ(refused.exit_status(), 1);
        EXPECT_THAT(refused.error_output(), AllOf(HasSubstr("cannot fetch the properties at '" + server.url("/none")),
                                                  HasSubstr("the server answers " + answer)));
    }
    DriverProcess secret = make({"https://127.0.0.1:1/a.properties"});
    EXPECT_EQ(secret.exit_status(), 1);
    EXPECT_THAT(secret.error_output(), HasSubstr("only what begins with http:// can"));
    DriverProcess nobody = make({"http://127.0.0.1:1/a.properties"});
    EXPECT_EQ(nobody.exit_status(), 1);
    EXPECT_THAT(nobody.error_output(), HasSubstr("cannot fetch the properties at 'http://127.0.0.1:1/a.properties'"));
    EXPECT_FALSE(std::filesystem::exists(directory));
}

// spec: 06-C2
TEST_F(DriverProgram, IsAloneEvenIfManyStartAtTheSameMoment) {
    for (int round = 0; round < 3; ++round) {
        std::vector<std::unique_ptr<DriverProcess>> drivers;
        for (int i = 0; i < 6; ++i) {
            drivers.push_back(std::make_unique<DriverProcess>(
                std::vector<std::string>{"-Daeron.counters.buffer.length=1m", "-Daeron.dir=" + directory,
                                         "-Daeron.dir.delete.on.shutdown=true"},
                environment));
        }
        const auto count_ended = [&] {
            return std::count_if(drivers.begin(), drivers.end(),
                                 [](const auto& driver) { return driver->has_ended(); });
        };
        ASSERT_TRUE(wait_until([&] { return count_ended() == 5 && is_alive(); }, "one driver to win"));

        const auto winner =
            std::find_if(drivers.begin(), drivers.end(), [](const auto& driver) { return !driver->has_ended(); });
        EXPECT_EQ(open_cnc(directory)->pid(), (*winner)->pid());
        for (const auto& driver : drivers) {
            if (driver != *winner) {
                EXPECT_EQ(driver->exit_status(), 1);
                EXPECT_THAT(driver->error_output(), HasSubstr("active_driver"));
            }
        }
        (*winner)->send(SIGTERM);
        EXPECT_EQ((*winner)->exit_status(), SIGTERM);
        EXPECT_FALSE(std::filesystem::exists(directory));
    }
}

// spec: 06 §4
TEST(DriverProgramWithoutDirectory, RefusesMalformedPropertiesAndMissingFiles) {
    DriverProcess malformed{{"-Dnonsense"}, {}};
    EXPECT_EQ(malformed.exit_status(), 1);
    EXPECT_THAT(malformed.error_output(), HasSubstr("'nonsense' has no separator"));

    DriverProcess missing{{"/no/such/file.properties"}, {}};
    EXPECT_EQ(missing.exit_status(), 1);
    EXPECT_THAT(missing.error_output(), HasSubstr("cannot read the properties file '/no/such/file.properties'"));
}

// spec: 06-C12, 01-C9
TEST_F(DriverProgram, EndsInOrderWithTheNumberOfTheSignal) {
    for (const int signal : {SIGTERM, SIGINT}) {
        DriverProcess driver = make();
        wait_until_up(driver);

        driver.send(signal);

        EXPECT_EQ(driver.exit_status(), signal) << driver.error_output();
        EXPECT_THAT(driver.output(), HasSubstr("Shutting down driver"));
        EXPECT_EQ(heartbeat_ms(), -1);
    }
}

// spec: 06-C12, 06-C13
TEST_F(DriverProgram, EndsWithZeroWhenAClientMayTerminateIt) {
    DriverProcess driver = make({"-Daeron.driver.termination.validator=allow"});
    wait_until_up(driver);

    request_termination();

    EXPECT_EQ(driver.exit_status(), 0) << driver.error_output();
    EXPECT_EQ(heartbeat_ms(), -1);
}

// spec: 07-C64
TEST_F(DriverProgram, IsEndedByAClientsRequestIfThereIsADriverThatAllowsIt) {
    EXPECT_FALSE(Aeron::request_driver_termination(directory));
    std::filesystem::create_directory(directory);
    std::ofstream{shm::cnc_path(directory)}.flush();
    EXPECT_FALSE(Aeron::request_driver_termination(directory));
    DriverProcess driver = make({"-Daeron.driver.termination.validator=allow"});
    wait_until_up(driver);

    EXPECT_TRUE(Aeron::request_driver_termination(directory));

    EXPECT_EQ(driver.exit_status(), 0) << driver.error_output();
}

// spec: 06-C13
TEST_F(DriverProgram, IgnoresATerminationUnlessItIsAllowed) {
    DriverProcess driver = make({"-Daeron.timer.interval=1ms"});
    wait_until_up(driver);

    request_termination();

    const std::int64_t heartbeat = heartbeat_ms().value_or(-1);
    EXPECT_TRUE(wait_until([&] { return heartbeat_ms() > heartbeat; }, "a sign of life after the command"));
    EXPECT_FALSE(driver.has_ended());
}

// spec: 01-C1
TEST(DriverProgramWithoutDirectory, UsesTheDirectoryOfItsUser) {
    const std::string user = "cpperon-test-" + std::to_string(::getpid());
    const ScratchDirectory scratch{"/dev/shm/aeron-" + user};
    const std::string& directory = scratch.path();
    DriverProcess driver{{"-Daeron.dir.delete.on.shutdown=true"}, {"USER=" + user}};

    EXPECT_TRUE(wait_until([&] { return std::filesystem::exists(directory + "/cnc.dat"); }, directory));
    EXPECT_TRUE(wait_until(
        [&] {
            return shm::CncFile::try_open(shm::cnc_path(directory), Access::read_only).status ==
                   shm::CncOpenStatus::ready;
        },
        "the driver to start"));

    driver.send(SIGTERM);
    EXPECT_EQ(driver.exit_status(), SIGTERM);
    EXPECT_FALSE(std::filesystem::exists(directory));
}

// spec: 01-C2
TEST_F(DriverProgram, TakesItsDirectoryFromTheEnvironmentUnlessItIsGivenOne) {
    const std::string other = scratch / "other";
    environment = {"AERON_DIR=" + other};
    DriverProcess from_environment{{"-Daeron.counters.buffer.length=1m"}, environment};
    EXPECT_TRUE(wait_until([&] { return open_cnc(other).has_value(); }, "a driver in " + other));

    DriverProcess from_argument = make();
    wait_until_up(from_argument);
}

// spec: 06 §3.1
TEST_F(DriverProgram, LetsFilesGoBeforeArgumentsAndArgumentsBeforeTheEnvironment) {
    std::ofstream{scratch / "first.properties"} << "aeron.timer.interval=300ms\naeron.file.page.size=8k\n";
    std::ofstream{scratch / "second.properties"} << "aeron.file.page.size=16k\n";
    environment = {"AERON_CLIENT_LIVENESS_TIMEOUT=4s", "AERON_IPC_MTU_LENGTH=4k", "AERON_TIMER_INTERVAL=100ms"};
    DriverProcess driver =
        make({"-Daeron.ipc.mtu.length=2k", "-Daeron.timer.interval=200ms", "-Daeron.print.configuration=true",
              scratch / "first.properties", "file://" + (scratch / "second.properties")});
    wait_until_up(driver);

    EXPECT_TRUE(wait_until([&] { return driver.output().ends_with("}\n"); }, "the configuration to be printed"));
    EXPECT_THAT(driver.output(), HasSubstr("    aeron.client.liveness.timeout=4000000000\n"));
    EXPECT_THAT(driver.output(), HasSubstr("    aeron.ipc.mtu.length=2048\n"));
    EXPECT_THAT(driver.output(), HasSubstr("    aeron.timer.interval=300000000\n"));
    EXPECT_THAT(driver.output(), HasSubstr("    aeron.file.page.size=16384\n"));
    EXPECT_EQ(open_cnc(directory)->file_page_size(), 16'384);
}

// spec: 06-C16
TEST_F(DriverProgram, WarnsOfWhatItCannotReadAndClampsWhatIsOutOfBounds) {
    environment = {"AERON_TIMER_INTERVAL=soon", "AERON_DRIVER_RESOURCE_FREE_LIMIT=0"};
    DriverProcess driver = make({"-Daeron.print.configuration=1"});
    wait_until_up(driver);

    EXPECT_TRUE(wait_until([&] { return driver.output().ends_with("}\n"); }, "the configuration to be printed"));
    EXPECT_EQ(driver.error_output(),
              "WARNING: AERON_TIMER_INTERVAL=soon is invalid, using default 1s; allowed: a duration of at least "
              "1us\n");
    EXPECT_THAT(driver.output(), HasSubstr("    aeron.timer.interval=1000000000\n"));
    EXPECT_THAT(driver.output(), HasSubstr("    aeron.driver.resource.free.limit=1\n"));
}

// spec: 06-C17
TEST_F(DriverProgram, ExitsWithoutADirectoryWhenItsSettingsContradictEachOther) {
    DriverProcess driver = make({"-Daeron.client.liveness.timeout=1s"});

    EXPECT_EQ(driver.exit_status(), 1);
    EXPECT_THAT(driver.error_output(), HasSubstr("cpperond: error 2000 (invalid_argument): "
                                                 "aeron.client.liveness.timeout=1000000000 ns must be above"));
    EXPECT_FALSE(std::filesystem::exists(directory));
}

// spec: 01-C8, 06-C2
TEST_F(DriverProgram, WaitsForNobodyButTakesOverOnceItsPredecessorIsDeadForLongEnough) {
    const std::vector<std::string> arguments{"-Daeron.driver.timeout=1500"};
    DriverProcess first = make(arguments);
    wait_until_up(first);

    DriverProcess refused = make(arguments);
    EXPECT_EQ(refused.exit_status(), 1);
    EXPECT_THAT(refused.error_output(), HasSubstr("active_driver"));
    EXPECT_FALSE(first.has_ended());
    EXPECT_TRUE(is_alive());

    const auto pid_of_first = open_cnc(directory)->pid();
    first.send(SIGKILL);
    EXPECT_EQ(first.exit_status(), std::nullopt);
    int attempts = 0;
    EXPECT_TRUE(wait_until(
        [&] {
            ++attempts;
            DriverProcess next = make(arguments);
            wait_until(
                [&] {
                    const auto cnc = open_cnc(directory);
                    return next.has_ended() || (cnc && cnc->pid() != pid_of_first);
                },
                "the next driver to start or to refuse");
            return !next.has_ended();
        },
        "a driver to take the directory over"));
    EXPECT_GT(attempts, 1) << "a heartbeat that is young enough counts as life";
}

// spec: 06 §2.3
TEST_F(DriverProgram, NamesItsThreadsInNewModeAndKeepsItsOwnNameInClassicMode) {
    if (test::is_sanitized) {
        GTEST_SKIP() << "skipped: a sanitizer adds threads of its own to the driver's";
    }
    {
        DriverProcess driver = make({"-Daeron.thread.naming=new"});
        wait_until_up(driver);
        EXPECT_TRUE(wait_until(
            [&] {
                const auto names = driver.thread_names();
                return names ==
                       std::vector<std::string>{"aeron-md-cnd", "aeron-md-nra", "aeron-md-rcv", "aeron-md-snd"};
            },
            "the threads of the driver to have their names"));
        driver.send(SIGTERM);
        EXPECT_EQ(driver.exit_status(), SIGTERM);
    }
    DriverProcess driver = make({"-Daeron.threading.mode=SHARED"});
    wait_until_up(driver);
    EXPECT_THAT(driver.thread_names(), testing::ElementsAre("cpperond"));
}

}  // namespace
}  // namespace cpperon::system_test
