/// The event log of whole drivers: as a process writes it, and stepped by the program on virtual time. spec: 06 §22
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/clock.hpp"
#include "tests/system/port_lease.hpp"
#include "tests/system/process_fixture.hpp"
#include "tests/system/udp_traffic.hpp"

namespace cpperon::system_test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;

std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    std::ifstream file{path};
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::vector<std::string> lines_with(const std::vector<std::string>& lines, const std::string& text) {
    std::vector<std::string> found;
    std::copy_if(lines.begin(), lines.end(), std::back_inserter(found),
                 [&](const std::string& line) { return line.find(text) != std::string::npos; });
    return found;
}

class UdpEventLog : public ProcessFixture {
protected:
    void start(const std::vector<std::string>& arguments) {
        std::vector<std::string> all{"-Daeron.event.log.filename=" + path, "-Daeron.term.buffer.length=64k"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        driver = start_driver(all);
    }
    std::vector<std::string> stop() {
        driver->send(SIGTERM);
        static_cast<void>(driver->exit_status());
        return lines_of(path);
    }
    /// Messages over UDP, one after the other.
    void exchange(Aeron& aeron, const std::size_t length, const int count = 1) const {
        const Subscription subscription = aeron.add_subscription(channel, 1'001);
        const ExclusivePublication publication = aeron.add_exclusive_publication(channel, 1'001);
        const std::string message(length, 'x');
        int received = 0;
        FragmentAssembler assembler{[&](const std::span<const std::byte> bytes, const Header&) {
            EXPECT_EQ(bytes.size(), length);
            ++received;
        }};
        for (int sent = 1; sent <= count; ++sent) {
            wait_until([&] { return static_cast<bool>(publication.offer(message)); }, "an offer to be taken");
            wait_until(
                [&] {
                    subscription.poll(assembler, 10);
                    return received == sent;
                },
                "the message");
        }
    }

    std::string path = scratch / "events.log";
    PortLease port;
    std::string channel = "aeron:udp?endpoint=localhost:" + std::to_string(port.port());
    std::unique_ptr<DriverProcess> driver;
};

// spec: 06-C62
TEST_F(UdpEventLog, HasALineForEachCommandAndDatagram) {
    start({"-Daeron.event.log=all", "-Daeron.driver.termination.validator=allow"});
    {
        Aeron aeron = connect();
        // What is closed with the client is not removed one by one.
        { const Counter counter = aeron.add_counter(1'000, "how many"); }
        exchange(aeron, 8'000);  // 6 datagrams
        const Subscription subscription = aeron.add_subscription("aeron:udp?control-mode=manual", 1'002);
        const PortLease other_port;
        const std::string destination = "aeron:udp?endpoint=localhost:" + std::to_string(other_port.port());
        static_cast<void>(subscription.add_destination(destination));
        subscription.remove_destination(destination);
        EXPECT_THROW(static_cast<void>(aeron.add_publication("aeron:udp", 1'002)), RegistrationError);
        const Subscription rejecting = aeron.add_subscription("aeron:ipc", 1'003);
        const Publication rejected = aeron.add_publication("aeron:ipc", 1'003);
        wait_until([&] { return !rejecting.images().empty(); }, "an image");
        rejecting.images().front().reject("not\nwanted");
    }
    EXPECT_TRUE(Aeron::request_driver_termination(directory));
    EXPECT_EQ(driver->exit_status(), 0);

    const std::vector<std::string> lines = lines_of(path);
    ASSERT_FALSE(lines.empty());
    EXPECT_THAT(lines[0], MatchesRegex(".[0-9]+\\.[0-9]+. log started .*, enabled loggers: .DRIVER: version=.*"));
    for (const std::string event :
         {"CMD_IN_ADD_COUNTER [36/36]: typeId=1000 keyBufferLength=0 labelBufferLength=8 clientId=",
          "CMD_OUT_COUNTER_READY [12/12]: correlationId=",
          "CMD_IN_ADD_SUBSCRIPTION ",
          "CMD_OUT_SUBSCRIPTION_READY ",
          "CMD_IN_ADD_EXCLUSIVE_PUBLICATION ",
          "CMD_OUT_EXCLUSIVE_PUBLICATION_READY ",
          "CMD_OUT_AVAILABLE_IMAGE ",
          "CMD_IN_REMOVE_PUBLICATION ",
          "CMD_IN_REMOVE_SUBSCRIPTION ",
          "CMD_OUT_ON_OPERATION_SUCCESS ",
          "CMD_IN_ADD_RCV_DESTINATION ",
          "CMD_IN_REMOVE_RCV_DESTINATION ",
          "CMD_OUT_ERROR ",
          "CMD_IN_ADD_PUBLICATION ",
          "CMD_OUT_PUBLICATION_READY ",
          "CMD_IN_REJECT_IMAGE ",
          "reason=not?wanted",
          "CMD_OUT_ON_UNAVAILABLE_IMAGE ",
          "CMD_IN_REMOVE_COUNTER ",
          "CMD_OUT_ON_UNAVAILABLE_COUNTER ",
          "CMD_IN_CLIENT_CLOSE ",
          "CMD_IN_TERMINATE_DRIVER ",
          "NAME_RESOLUTION_LOOKUP ",
          "NAME_RESOLUTION_RESOLVE ",
          "SEND_CHANNEL_CREATION ",
          "RECEIVE_CHANNEL_CREATION ",
          "REMOVE_SUBSCRIPTION_CLEANUP ",
          "FRAME_OUT [40/40]: address=127.0.0.1:",
          "type=SETUP",
          "type=SM"}) {
        EXPECT_THAT(lines, Contains(HasSubstr(event)));
    }
    for (const std::string direction : {"FRAME_OUT", "FRAME_IN"}) {
        EXPECT_THAT(lines_with(lines_with(lines, direction), " frameLength=1408 "), SizeIs(5));
    }
}

// spec: 06-C62
TEST_F(UdpEventLog, LeavesOutWhatIsDisabledAndTellsOfUnknownEvents) {
    start({"-Daeron.event.log=0x1,admin,nonsense", "-Daeron.event.log.disable=CMD_IN_ADD_SUBSCRIPTION,50"});
    {
        Aeron aeron = connect();
        exchange(aeron, 100);
    }
    const std::vector<std::string> lines = stop();

    EXPECT_THAT(lines, Contains(HasSubstr("CMD_IN_ADD_EXCLUSIVE_PUBLICATION")));
    EXPECT_THAT(lines, Contains(HasSubstr("NAME_RESOLUTION_LOOKUP")));
    EXPECT_THAT(lines, Each(Not(testing::AnyOf(HasSubstr("FRAME_"), HasSubstr("CMD_IN_ADD_SUBSCRIPTION"),
                                               HasSubstr("NAME_RESOLUTION_RESOLVE")))));
    EXPECT_THAT(driver->error_output(), HasSubstr("aeron.event.log: unknown event code: 'nonsense'"));
}

// spec: 06-C62
TEST_F(UdpEventLog, IsPutAsideWhenItIsLong) {
    start({"-Daeron.event.log=all", "-Daeron.event.log.file.max.length=4k"});
    {
        Aeron aeron = connect();
        exchange(aeron, 8'000, 10);
    }
    stop();

    const std::vector<std::string> first = lines_of(path + ".1");
    ASSERT_FALSE(first.empty());
    EXPECT_GE(std::filesystem::file_size(path + ".1"), 4'096U);
    EXPECT_LT(std::filesystem::file_size(path + ".1"), 4'096U + 1'000U);
    EXPECT_THAT(first.front(), HasSubstr("log started"));
    EXPECT_THAT(lines_of(path + ".2").front(), HasSubstr("log started"));
}

TEST_F(UdpEventLog, FailsTheStartWhereItsFileCannotBeOpened) {
    DriverProcess refused{{"-Daeron.dir=" + directory, "-Daeron.event.log=all",
                           "-Daeron.event.log.filename=" + (scratch / "none/events.log")},
                          {}};

    EXPECT_EQ(refused.exit_status(), 1);
    EXPECT_THAT(refused.error_output(), HasSubstr("cannot open the event log aeron.event.log.filename="));
    EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST(EventLogOnVirtualTime, IsWrittenByTheOneThatStepsTheDriver) {
    const ScratchDirectory scratch;
    const std::string path = scratch / "events.log";
    ManualClock clock;
    const auto threads = [] {
        const std::filesystem::directory_iterator all{"/proc/self/task"};
        return std::distance(begin(all), end(all));
    };
    const auto before = threads();
    EmbeddedDriver driver{{.threading_mode = ThreadingMode::invoker,
                           .ipc_term_length = 65'536,
                           .event_log = "admin",
                           .event_log_filename = path,
                           .nano_clock = &clock,
                           .epoch_clock = &clock}};
    const auto step = [&] {
        clock.advance(10us);
        return driver.do_work();
    };
    Aeron aeron = Aeron::connect({.directory = driver.directory(),
                                  .invoker_mode = true,
                                  .driver_do_work = step,
                                  .nano_clock = &clock,
                                  .epoch_clock = &clock});
    EXPECT_EQ(threads(), before);
    {
        const Subscription slow = aeron.add_subscription("aeron:ipc?tether=false", 7);
        const Subscription quick = aeron.add_subscription("aeron:ipc", 7);
        const ExclusivePublication publication = aeron.add_exclusive_publication("aeron:ipc", 7);
        for (int i = 0; i < 28; ++i) {  // most of the window, of 32 KiB
            wait_until(
                [&] {
                    driver.do_work();
                    return static_cast<bool>(publication.offer(std::string(1'000, 'x')));
                },
                "an offer to be taken");
            quick.poll([](const std::span<const std::byte>, const Header&) {}, 10);
        }
        for (int i = 0; i < 400; ++i) {  // 8 s: the slow one falls behind, lingers
            clock.advance(20ms);
            driver.do_work();
            aeron.do_work();
        }
        publication.revoke();
    }
    for (int i = 0; i < 200; ++i) {
        clock.advance(20ms);
        driver.do_work();
        aeron.do_work();
    }

    const std::vector<std::string> lines = lines_of(path);
    EXPECT_THAT(lines[0], HasSubstr("[0.000000000] log started 2023-11-1"));
    EXPECT_THAT(lines[1], MatchesRegex(".0\\.0000[0-9]+. DRIVER: CMD_IN_ADD_SUBSCRIPTION .*: streamId=7 "
                                       "registrationCorrelationId=-1 clientId=1 correlationId=2 "
                                       "channel=aeron:ipc.tether=false"));
    EXPECT_THAT(lines,
                Contains(AllOf(HasSubstr("UNTETHERED_SUBSCRIPTION_STATE_CHANGE [18/18]: subscriptionId=2 streamId=7 "
                                         "sessionId="),
                               testing::EndsWith(" ACTIVE -> LINGER"))));
    EXPECT_THAT(lines, Contains(HasSubstr("PUBLICATION_REVOKE ")));
    EXPECT_THAT(lines, Contains(HasSubstr("REMOVE_PUBLICATION_CLEANUP ")));
}

TEST_F(UdpFixture, EventLogTellsOfLossReceiversNeighborsAndLives) {
    const ScratchDirectory scratch;
    const std::string of_publisher = scratch / "publisher.log";
    const std::string of_subscriber = scratch / "subscriber.log";
    const auto settings = [&](const std::string& name, const std::string& path, const std::string& own,
                              const std::string& other) {
        DriverContext context = quick_driver();
        context.threading_mode = ThreadingMode::dedicated;
        context.event_log = "admin";
        context.event_log_filename = path;
        context.name_resolver_supplier = "driver";
        context.resolver_name = name;
        context.resolver_interface = own;
        context.resolver_bootstrap_neighbor = other;
        context.resolver_self_resolution_interval = 50ms;
        context.resolver_neighbor_timeout = test::is_sanitized ? 5s : 1s;
        return context;
    };
    const auto wait_for = [&](const std::string& path, const std::string& text) {
        wait_until([&] { return !lines_with(lines_of(path), text).empty(); }, "'" + text + "' in " + path);
    };
    Host& publisher = add_host(settings("publisher", of_publisher, ports.in("127.0.0.1:$1"), ports.in("127.0.0.1:$2")));
    DriverContext losing = settings("subscriber", of_subscriber, ports.in("127.0.0.1:$2"), ports.in("127.0.0.1:$1"));
    losing.incoming_interceptors = "fixed-loss";
    losing.fixed_loss_args = "term-id=0|term-offset=4096|length=8192";
    auto subscriber = std::make_unique<Host>(losing);
    const std::string channel = ports.in("aeron:udp?endpoint=224.20.30.51:$0|interface=localhost|fc=min");
    {
        Subscription subscription = subscriber->aeron.add_subscription(channel, 1'001);
        const ExclusivePublication publication = publisher.aeron.add_exclusive_publication(
            channel + "|init-term-id=0|term-id=0|term-offset=0|term-length=64k", 1'001);
        wait_for_connection(publication, {subscription});
        Transfer transfer{{.count = 30, .max_length = 1'000}};
        transfer.add_reader(subscription);
        wait_until([&] { return !transfer.step(publication); }, "all messages");
        subscription.close();
        wait_for(of_publisher, "FLOW_CONTROL_RECEIVER_REMOVED");
    }
    {
        const Subscription subscription = subscriber->aeron.add_subscription(channel, 1'002);
        const ExclusivePublication publication = publisher.aeron.add_exclusive_publication(channel, 1'002);
        wait_for_connection(publication, {subscription});
        publication.revoke();
        wait_for(of_subscriber, "PUBLICATION_IMAGE_REVOKE");
    }
    wait_for(of_subscriber, "RECEIVE_CHANNEL_CLOSE");
    wait_for(of_publisher, "SEND_CHANNEL_CLOSE");
    wait_for(of_publisher, "NAME_RESOLUTION_NEIGHBOR_ADDED");
    subscriber.reset();
    wait_for(of_publisher, "NAME_RESOLUTION_NEIGHBOR_REMOVED");
    close_hosts();

    const std::vector<std::string> publisher_lines = lines_of(of_publisher);
    const std::vector<std::string> subscriber_lines = lines_of(of_subscriber);
    const std::string neighbor = "]: " + ports.in("127.0.0.1:$2");
    EXPECT_THAT(lines_with(publisher_lines, "NAME_RESOLUTION_NEIGHBOR_ADDED "), Each(testing::EndsWith(neighbor)));
    EXPECT_THAT(lines_with(publisher_lines, "NAME_RESOLUTION_NEIGHBOR_REMOVED "), Each(testing::EndsWith(neighbor)));
    const std::string gap = " streamId=1001 termId=0 termOffset=";
    for (const std::string& nak : lines_with(subscriber_lines, "NAK_SENT ")) {
        EXPECT_THAT(
            nak, AllOf(HasSubstr(": address=224.20.30.52:"), HasSubstr(gap), testing::EndsWith("channel=" + channel)));
    }
    EXPECT_THAT(subscriber_lines, Contains(HasSubstr("NAK_SENT ")));
    EXPECT_THAT(lines_with(publisher_lines, "NAK_RECEIVED "), Contains(HasSubstr(gap)));
    EXPECT_THAT(lines_with(publisher_lines, "RESEND "), Contains(HasSubstr(gap)));
    EXPECT_THAT(publisher_lines, Contains(HasSubstr("FLOW_CONTROL_RECEIVER_ADDED ")));
    EXPECT_THAT(lines_with(publisher_lines, "]: receiverCount=0 receiverId="),
                Contains(HasSubstr("FLOW_CONTROL_RECEIVER_REMOVED ")));
    EXPECT_THAT(publisher_lines, Contains(HasSubstr("PUBLICATION_REVOKE ")));
    for (const std::string event : {"REMOVE_PUBLICATION_CLEANUP ", "SEND_CHANNEL_CREATION ", "SEND_CHANNEL_CLOSE "}) {
        EXPECT_THAT(publisher_lines, Contains(HasSubstr(event)));
    }
    for (const std::string event : {"REMOVE_SUBSCRIPTION_CLEANUP ", "REMOVE_IMAGE_CLEANUP ",
                                    "RECEIVE_CHANNEL_CREATION ", "RECEIVE_CHANNEL_CLOSE "}) {
        EXPECT_THAT(subscriber_lines, Contains(HasSubstr(event)));
    }
}

}  // namespace
}  // namespace cpperon::system_test
