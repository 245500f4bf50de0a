#include "cpperon/driver/receiver/receiver.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/receiver/receiver_fixture.hpp"

namespace cpperon::driver {
namespace {

using receiver_event::ReResolveControl;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReceiverAgent : public ReceiverFixture {};

TEST_F(ReceiverAgent, ExecutesOneCommandPerDutyCycleInOrder) {
    ReceiveDestination& destination = make_destination();
    ReceiveEndpoint& endpoint = make_endpoint({&destination});
    commands.push(receiver_command::AddEndpoint{.endpoint = &endpoint});
    commands.push(receiver_command::RemoveEndpoint{.endpoint = &endpoint});

    EXPECT_EQ(step(), 1);
    EXPECT_EQ(poller.socket_count(), 1U);
    EXPECT_THAT(take_events(), IsEmpty());

    EXPECT_EQ(step(), 1);
    EXPECT_EQ(poller.socket_count(), 0U);
    EXPECT_THAT(take_events_of<receiver_event::EndpointReleased>(), SizeIs(1));
    EXPECT_EQ(step(), 0);
}

TEST_F(ReceiverAgent, LeavesSocketsAloneForAWhileThatGaveLittle) {
    context.settings.poll_interval_ns = 500;
    step();
    const int before = poller.poll_count;

    clock.advance(499ns);
    step();
    EXPECT_EQ(poller.poll_count, before);
    clock.advance(1ns);
    step();
    EXPECT_EQ(poller.poll_count, before + 1);
}

TEST_F(ReceiverAgent, LeavesTimeForAnAnswerBehindADatagram) {
    context.settings.poll_interval_ns = 500;
    ReceiveDestination& destination = make_destination();
    ReceiveEndpoint& endpoint = make_endpoint({&destination});
    command(receiver_command::AddEndpoint{.endpoint = &endpoint});
    clock.advance(1us);
    poller.deliver({.socket = &destination.socket(), .bytes = Datagram(64), .segment_length = 64});
    step();
    const int before = poller.poll_count;

    clock.advance(999ns);
    step();
    EXPECT_EQ(poller.poll_count, before);
    clock.advance(1ns);
    step();
    EXPECT_EQ(poller.poll_count, before + 1);
}

TEST_F(ReceiverAgent, AsksSocketsAgainAtOnceThatGaveMuch) {
    context.settings.poll_interval_ns = 500;
    ReceiveDestination& destination = make_destination();
    ReceiveEndpoint& endpoint = make_endpoint({&destination});
    command(receiver_command::AddEndpoint{.endpoint = &endpoint});
    clock.advance(1us);
    step();
    clock.advance(1us);
    poller.deliver({.socket = &destination.socket(), .bytes = Datagram(4'096), .segment_length = 1'024});
    const int before = poller.poll_count;

    step();
    step();

    EXPECT_EQ(poller.poll_count, before + 2);
}

TEST_F(ReceiverAgent, ReleasesAnImageAfterWhichNothingTouchesIt) {
    ReceiveDestination& destination = make_destination();
    ReceiveEndpoint& endpoint = make_endpoint({&destination});
    command(receiver_command::AddEndpoint{.endpoint = &endpoint});
    TestImage image = make_image(endpoint, destination);
    command(receiver_command::AddImage{.image = image.receiver.get()});

    command(receiver_command::RemoveImage{.image = image.receiver.get()});

    const auto released = take_events_of<receiver_event::ImageReleased>();
    ASSERT_THAT(released, SizeIs(1));
    EXPECT_EQ(released[0].image, image.receiver.get());
    image = {};
    clock.advance(1s);
    EXPECT_EQ(step(), 0);
}

TEST_F(ReceiverAgent, AnImageThatOutlivesItsEndpointFallsSilent) {
    ReceiveDestination& destination = make_destination();
    ReceiveEndpoint& endpoint = make_endpoint({&destination});
    command(receiver_command::AddEndpoint{.endpoint = &endpoint});
    TestImage image = make_image(endpoint, destination);
    command(receiver_command::AddImage{.image = image.receiver.get()});
    static_cast<void>(socket_of(destination).take_sent());

    command(receiver_command::RemoveEndpoint{.endpoint = &endpoint});
    clock.advance(1s);
    step();
    EXPECT_THAT(socket_of(destination).take_sent(), IsEmpty());

    command(receiver_command::RemoveImage{.image = image.receiver.get()});
    EXPECT_THAT(take_events_of<receiver_event::ImageReleased>(), SizeIs(1));
}

TEST_F(ReceiverAgent, LetsGoOfAllSocketsWhenItCloses) {
    ReceiveDestination& first = make_destination();
    ReceiveDestination& second = make_destination();
    command(receiver_command::AddEndpoint{.endpoint = &make_endpoint({&first})});
    command(receiver_command::AddEndpoint{.endpoint = &make_endpoint({&second})});

    receiver.on_close();

    EXPECT_EQ(poller.socket_count(), 0U);
}

TEST_F(ReceiverAgent, HasTheNameOfAControlAddressLookedUpThatBringsNothing) {
    const net::SocketAddress control = address_of(9, 50'000);
    ReceiveDestination& destination = make_destination({.control = control, .control_name = "host:50000"});
    ReceiveEndpoint& endpoint = make_endpoint({&destination});
    command(receiver_command::AddEndpoint{.endpoint = &endpoint});

    clock.advance(5s);
    step();
    EXPECT_THAT(take_events(), IsEmpty());

    clock.advance(1s + 1ns);
    step();
    const std::vector<ReResolveControl> asked = take_events_of<ReResolveControl>();
    ASSERT_THAT(asked, SizeIs(1));
    EXPECT_EQ(asked[0].endpoint, &endpoint);
    EXPECT_EQ(asked[0].destination, &destination);
    EXPECT_EQ(asked[0].name, "host:50000");
    EXPECT_EQ(asked[0].current, control);

    clock.advance(2s);
    step();
    EXPECT_THAT(take_events(), IsEmpty()) << "its time starts anew";
}

TEST_F(ReceiverAgent, DoesNotLookNamesUpAgainWhileDataArrive) {
    ReceiveDestination& destination =
        make_destination({.control = address_of(9, 50'000), .control_name = "host:50000"});
    ReceiveEndpoint& endpoint = make_endpoint({&destination});
    command(receiver_command::AddEndpoint{.endpoint = &endpoint});

    for (int i = 0; i < 20; ++i) {
        clock.advance(1s);
        deliver(destination, ArrivingStream{}.heartbeat(0));
    }

    EXPECT_THAT(take_events(), IsEmpty());
}

TEST_F(ReceiverAgent, NeverLooksNamesUpAgainWhereThatIsTurnedOff) {
    context.settings.re_resolution_check_interval_ns = 0;
    ReceiveDestination& destination =
        make_destination({.control = address_of(9, 50'000), .control_name = "host:50000"});
    command(receiver_command::AddEndpoint{.endpoint = &make_endpoint({&destination})});

    clock.advance(60s);
    step();

    EXPECT_THAT(take_events(), IsEmpty());
}

TEST_F(ReceiverAgent, AnAddressThatComesTooLateChangesNothing) {
    ReceiveDestination& first = make_destination();
    ReceiveDestination& gone = make_destination({.control = address_of(9, 50'000)});
    ReceiveEndpoint& endpoint = make_endpoint({&first, &gone});
    const receiver_command::ChangeControlAddress change{
        .endpoint = &endpoint, .destination = &gone, .address = address_of(10, 50'000)};
    command(receiver_command::AddEndpoint{.endpoint = &endpoint});
    command(receiver_command::RemoveDestination{.endpoint = &endpoint, .destination = &gone});

    command(change);
    EXPECT_EQ(gone.control(), address_of(9, 50'000));

    command(receiver_command::RemoveEndpoint{.endpoint = &endpoint});
    command(change);
    EXPECT_EQ(gone.control(), address_of(9, 50'000));
}

TEST_F(ReceiverAgent, AControlAddressThatWasUnknownAtFirstIsAnnouncedToOnceItIsKnown) {
    ReceiveDestination& destination = make_destination({.control_name = "host:50000"});
    ReceiveEndpoint& endpoint = make_endpoint({&destination});
    command(receiver_command::AddEndpoint{.endpoint = &endpoint});
    command(receiver_command::AddInterest{.endpoint = &endpoint, .stream_id = 1});
    EXPECT_THAT(socket_of(destination).take_sent(), IsEmpty());

    command(receiver_command::ChangeControlAddress{
        .endpoint = &endpoint, .destination = &destination, .address = address_of(9, 50'000)});
    clock.advance(1s + 1ns);
    step();

    const std::vector<SentFrame> sent = socket_of(destination).take_sent();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(sent[0].address, address_of(9, 50'000));
}

TEST_F(ReceiverAgent, AnImageDoesNotSpeakThroughADestinationThatWentBeforeItCame) {
    ReceiveDestination& gone = make_destination();
    ReceiveEndpoint& endpoint = make_endpoint({&make_destination(), &gone});
    command(receiver_command::AddEndpoint{.endpoint = &endpoint});
    TestImage image = make_image(endpoint, gone);
    command(receiver_command::RemoveDestination{.endpoint = &endpoint, .destination = &gone});

    command(receiver_command::AddImage{.image = image.receiver.get()});

    EXPECT_THAT(socket_of(gone).take_sent(), IsEmpty());
}

TEST_F(ReceiverAgent, DoesNothingWhenThereIsNothingToDo) {
    EXPECT_EQ(step(), 0);
    EXPECT_EQ(receiver.role_name(), "receiver");
}

}  // namespace
}  // namespace cpperon::driver
