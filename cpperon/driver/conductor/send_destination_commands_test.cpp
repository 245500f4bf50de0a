#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/network_publication_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;

class SendDestinationCommands : public NetworkPublicationFixture {
protected:
    static constexpr std::string_view manual = "aeron:udp?control-mode=manual";

    /// The answer to an add, `OPERATION_SUCCESS` without its id or `ERROR` with its code.
    std::string add_destination(const std::int64_t publication, const std::string_view channel) {
        const std::int64_t id = next_id();
        destination_ = id;
        return answer_to(
            id, execute(command::AddDestinationCommand{
                    .client_id = client, .correlation_id = id, .registration_id = publication, .channel = channel}));
    }
    std::string remove_destination(const std::int64_t publication, const std::string_view channel) {
        const std::int64_t id = next_id();
        return answer_to(
            id, execute(command::RemoveDestinationCommand{
                    .client_id = client, .correlation_id = id, .registration_id = publication, .channel = channel}));
    }
    /// Registration id of the destination that was added last.
    [[nodiscard]] std::int64_t destination() const { return destination_; }

private:
    static std::string answer_to(const std::int64_t id, const std::vector<std::string>& heard) {
        if (heard == std::vector{fmt::format("OPERATION_SUCCESS({})", id)}) {
            return "OK";
        }
        const std::string prefix = fmt::format("ERROR({}, ", id);
        return heard.size() == 1 && heard[0].starts_with(prefix)
                   ? heard[0].substr(prefix.size(), heard[0].size() - prefix.size() - 1)
                   : fmt::format("{} events", heard.size());
    }

    std::int64_t destination_ = 0;
};

// spec: 05-C40, 02-C23
TEST_F(SendDestinationCommands, EachRowOfTheTableIsAnsweredAsItSays) {
    const Stream stream = publish(manual);
    struct Row {
        std::string channel;
        std::string answer;
    };
    const std::string base = "aeron:udp?endpoint=localhost:43031";
    for (const Row& row :
         {Row{"aeron:udp?endpoint=localhost:43030", "OK"},                                               // 202
          Row{"aeron:udp?endpoint=localhost:43030", "OK"}, Row{"aeron:udp?endpoint=localhost:0", "11"},  // 203
          Row{"aeron:udp?endpoint=localhost", "OK"},                                                     // 204
          Row{"aeron:udp?endpoint=nohost.invalid:43030", "OK"},                                          // 205
          Row{"aeron:udp?control=localhost:1", "11"},                                                    // 206
          Row{"aeron:ipc", "11"},                                                                        //
          Row{"aeron-spy:" + base, "1"},                                                                 // 207
          Row{base + "|mtu=1408", "1"},                                                                  // 208
          Row{base + "|so-sndbuf=64k", "1"},                                                             //
          Row{base + "|so-rcvbuf=64k", "1"},                                                             //
          Row{base + "|rcv-wnd=64k", "1"},                                                               //
          Row{base + "|response-correlation-id=1", "1"},                                                 //
          Row{base + "|control-mode=response", "1"},                                                     // 209
          Row{base + "|control-mode=manual", "OK"},                                                      // 210
          Row{base + "|interface=localhost|ttl=3|term-length=7", "OK"},
          Row{"aeron:udp?endpoint=224.20.30.40:43033", "OK"}}) {  // 211
        EXPECT_EQ(add_destination(stream.publication, row.channel), row.answer) << row.channel;
    }
    EXPECT_EQ(remove_destination(stream.publication, "aeron:udp?endpoint=localhost:49999"), "OK");  // 212

    // 213, 214
    const std::int64_t dynamic = publish("aeron:udp?control=localhost:43040|control-mode=dynamic").publication;
    const std::int64_t unicast_one = publish().publication;
    const std::int64_t joined = add_publication(client, unicast);
    static_cast<void>(events());
    EXPECT_EQ(add_destination(dynamic, base), "11");
    EXPECT_EQ(remove_destination(unicast_one, base), "11");
    EXPECT_EQ(add_destination(joined, base), "3");
    EXPECT_THAT(
        execute(command::RemoveDestinationByIdCommand{
            .client_id = client, .correlation_id = 30, .registration_id = dynamic, .destination_registration_id = 25}),
        ElementsAre("ERROR(30, 11)"));
}

TEST_F(SendDestinationCommands, SenderIsToldOfTheDestinationWithItsIdAndAddress) {
    const Stream stream = publish(manual);

    add_destination(stream.publication, "aeron:udp?endpoint=localhost:43030");

    const auto added = last_told_to_sender<sender_command::AddDestination>();
    EXPECT_EQ(added.endpoint, &stream.sender->endpoint());
    EXPECT_EQ(added.destination.registration_id, destination());
    EXPECT_EQ(added.destination.endpoint, "localhost:43030");
    EXPECT_EQ(added.destination.address, net::SocketAddress::ipv4({127, 0, 0, 1}, 43'030));
}

// spec: 05-C41, 04-C91
TEST_F(SendDestinationCommands, NameThatDoesNotResolveYetIsFollowedOnceItDoes) {
    const Stream stream = publish(manual);
    add_destination(stream.publication, "aeron:udp?endpoint=later.example:43030");
    EXPECT_EQ(last_told_to_sender<sender_command::AddDestination>().destination.address, std::nullopt);

    resolver.names.hosts["later.example"] = net::SocketAddress::ipv4({10, 9, 8, 7}, 0);
    sender_says(sender_event::ReResolveEndpoint{
        .endpoint = &stream.sender->endpoint(), .name = "later.example:43030", .current = std::nullopt});

    const auto change = last_told_to_sender<sender_command::ChangeAddress>();
    EXPECT_EQ(change.name, "later.example:43030");
    EXPECT_EQ(change.address, net::SocketAddress::ipv4({10, 9, 8, 7}, 43'030));
    EXPECT_EQ(system_counter(SystemCounter::resolution_changes), 1);
}

// spec: 02-C24
TEST_F(SendDestinationCommands, DestinationIsRemovedByAddressOrById) {
    const Stream stream = publish(manual);
    add_destination(stream.publication, "aeron:udp?endpoint=localhost:43030");

    EXPECT_EQ(remove_destination(stream.publication, "aeron:udp?endpoint=127.0.0.1:43030"), "OK");
    EXPECT_EQ(last_told_to_sender<sender_command::RemoveDestination>().address,
              net::SocketAddress::ipv4({127, 0, 0, 1}, 43'030));
    EXPECT_THAT(execute(command::RemoveDestinationByIdCommand{.client_id = client,
                                                              .correlation_id = 30,
                                                              .registration_id = stream.publication,
                                                              .destination_registration_id = destination()}),
                ElementsAre("OPERATION_SUCCESS(30)"));
    EXPECT_EQ(last_told_to_sender<sender_command::RemoveDestinationById>().registration_id, destination());
}

TEST_F(SendDestinationCommands, EndpointStaysOpenUntilTheSenderWasTold) {
    const Stream stream = publish(manual);
    remove_publication(client, stream.publication);
    pass(8s);
    resolver.hold();
    write(command::AddDestinationCommand{.client_id = client,
                                         .correlation_id = 25,
                                         .registration_id = stream.publication,
                                         .channel = "aeron:udp?endpoint=localhost:43030"});
    settle();
    sender_says(sender_event::PublicationReleased{.publication = stream.sender});
    EXPECT_THAT(names_of_commands_to_sender(), ElementsAre("RemovePublication"));

    resolver.complete_waiting();
    settle();

    EXPECT_THAT(events(), testing::Contains("OPERATION_SUCCESS(25)"));
    EXPECT_THAT(names_of_commands_to_sender(), ElementsAre("AddDestination", "RemoveEndpoint"));
}

TEST_F(SendDestinationCommands, SendDestinationOfAnUnknownOrIpcPublicationIsRefused) {
    const std::int64_t publication = add_publication(client);
    static_cast<void>(events());

    for (const std::int64_t target : {publication, std::int64_t{4242}}) {
        EXPECT_THAT(execute(command::AddDestinationCommand{.client_id = client,
                                                           .correlation_id = 25,
                                                           .registration_id = target,
                                                           .channel = "aeron:udp?endpoint=localhost:24325"}),
                    ElementsAre("ERROR(25, 3)"));
        EXPECT_THAT(execute(command::RemoveDestinationCommand{.client_id = client,
                                                              .correlation_id = 26,
                                                              .registration_id = target,
                                                              .channel = "aeron:udp?endpoint=localhost:24325"}),
                    ElementsAre("ERROR(26, 3)"));
        EXPECT_THAT(execute(command::RemoveDestinationByIdCommand{.client_id = client,
                                                                  .correlation_id = 30,
                                                                  .registration_id = target,
                                                                  .destination_registration_id = 25}),
                    ElementsAre("ERROR(30, 3)"));
    }
}

TEST_F(SendDestinationCommands, NoneMakesARecordOfItsClient) {
    execute(command::AddDestinationCommand{.client_id = client, .correlation_id = 25, .channel = "aeron:ipc"});

    EXPECT_EQ(allocated_counters(), system_counter_count);
}

}  // namespace
}  // namespace cpperon::driver
