// Destinations of publications and subscriptions: what is asked of the driver, and what becomes of the answers.
#include <functional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/client/fake_driver_test_support.hpp"

namespace cpperon::client {
namespace {

using testing::HasSubstr;

constexpr std::string_view manual = "aeron:udp?control-mode=manual|control=localhost:20000";
constexpr std::string_view destination = "aeron:udp?endpoint=localhost:20001";

class ClientDestinations : public ClientTest {
protected:
    void answer(const std::int64_t correlation_id) {
        driver->send(command::OperationSuccessEvent{correlation_id});
        run();
    }
    template <typename T>
    T received() {
        command_ = driver->expect_command();
        return command_.as<T>();
    }
    [[nodiscard]] bool is_quiet() { return !driver->next_command().has_value(); }

private:
    ReceivedCommand command_;  // keeps what a decoded command views
};

// spec: 02 §7.5, 05 §19 trap 20
TEST_F(ClientDestinations, OfAPublicationAreNamedByTheOriginalPublication) {
    connect();
    const Publication first = aeron.add_publication(manual, 1'001);
    const Publication second = aeron.add_publication(manual, 1'001);

    Pending<RegistrationId> addition = second.async_add_destination(destination);
    const auto add = received<command::AddDestinationCommand>();
    EXPECT_EQ(add.client_id, aeron.client_id());
    EXPECT_EQ(add.correlation_id, number(addition.registration_id()));
    EXPECT_EQ(add.registration_id, number(first.registration_id()));
    EXPECT_EQ(add.channel, destination);
    EXPECT_FALSE(addition.poll());
    answer(add.correlation_id);
    EXPECT_EQ(addition.poll().value().value(), RegistrationId{add.correlation_id});

    Pending<std::monostate> removal = second.async_remove_destination(destination);
    const auto remove = received<command::RemoveDestinationCommand>();
    EXPECT_EQ(remove.registration_id, number(first.registration_id()));
    EXPECT_EQ(remove.channel, destination);
    answer(remove.correlation_id);
    EXPECT_TRUE(removal.poll().value());
}

// spec: 07 §J trap 20
TEST_F(ClientDestinations, AreRemovedByTheIdThatAddingThemGave) {
    connect();
    const ExclusivePublication publication = aeron.add_exclusive_publication(manual, 1'001);
    const RegistrationId id = publication.add_destination(destination);

    Pending<std::monostate> removal = publication.async_remove_destination(id);

    const auto command = received<command::RemoveDestinationByIdCommand>();
    EXPECT_EQ(command.registration_id, number(publication.original_registration_id()));
    EXPECT_EQ(command.destination_registration_id, number(id));
    answer(command.correlation_id);
    EXPECT_TRUE(removal.poll().value());
}

TEST_F(ClientDestinations, OfASubscriptionAreNamedByTheSubscription) {
    connect();
    const Subscription subscription = aeron.add_subscription("aeron:udp?control-mode=manual", 1'001);

    Pending<RegistrationId> addition = subscription.async_add_destination("aeron-spy:aeron:udp?endpoint=localhost:1");
    const auto add = received<command::AddReceiveDestinationCommand>();
    EXPECT_EQ(add.correlation_id, number(addition.registration_id()));
    EXPECT_EQ(add.registration_id, number(subscription.registration_id()));
    EXPECT_EQ(add.channel, "aeron-spy:aeron:udp?endpoint=localhost:1");
    answer(add.correlation_id);
    EXPECT_EQ(addition.poll().value().value(), RegistrationId{add.correlation_id});

    Pending<std::monostate> removal = subscription.async_remove_destination(destination);
    const auto remove = received<command::RemoveReceiveDestinationCommand>();
    EXPECT_EQ(remove.registration_id, number(subscription.registration_id()));
    EXPECT_EQ(remove.channel, destination);
    answer(remove.correlation_id);
    EXPECT_TRUE(removal.poll().value());
}

TEST_F(ClientDestinations, OfASubscriptionAreRemovedByTheIdThatAddingThemGave) {
    connect();
    const Subscription subscription = aeron.add_subscription("aeron:udp?control-mode=manual", 1'001);
    const RegistrationId first = subscription.add_destination(destination);
    const RegistrationId second = subscription.add_destination("aeron:udp?endpoint=localhost:20002");

    Pending<std::monostate> removal = subscription.async_remove_destination(second);

    // The driver knows them by their channels.
    const auto remove = received<command::RemoveReceiveDestinationCommand>();
    EXPECT_EQ(remove.registration_id, number(subscription.registration_id()));
    EXPECT_EQ(remove.channel, "aeron:udp?endpoint=localhost:20002");
    EXPECT_FALSE(removal.poll());
    answer(remove.correlation_id);
    EXPECT_TRUE(removal.poll().value());

    // Neither one that is gone, nor one of another subscription, nor any number is a destination.
    const Subscription other = aeron.add_subscription("aeron:udp?control-mode=manual", 1'002);
    EXPECT_THROW(subscription.remove_destination(second), InvalidArgumentError);
    EXPECT_THROW(other.remove_destination(first), InvalidArgumentError);
    EXPECT_THROW(subscription.remove_destination(RegistrationId{7}), InvalidArgumentError);
    EXPECT_TRUE(is_quiet());
    subscription.remove_destination(destination);
    EXPECT_THROW(subscription.remove_destination(first), InvalidArgumentError);
    EXPECT_THROW(Subscription{}.remove_destination(first), ClosedError);
}

TEST_F(ClientDestinations, OfASubscriptionStayRemovableWhereTheDriverRefusedToRemoveThem) {
    connect();
    const Subscription subscription = aeron.add_subscription("aeron:udp?control-mode=manual", 1'001);
    const RegistrationId id = subscription.add_destination(destination);
    Pending<std::monostate> removal = subscription.async_remove_destination(id);
    driver->send(command::ErrorEvent{
        .offending_correlation_id = received<command::RemoveReceiveDestinationCommand>().correlation_id,
        .code = ErrorCode::generic_error,
        .message = "not now"});
    run();
    EXPECT_FALSE(removal.poll().value());

    subscription.remove_destination(id);

    EXPECT_TRUE(errors.empty());
}

TEST_F(ClientDestinations, AreAddedAndRemovedByWaitingCalls) {
    connect();
    const Publication publication = aeron.add_publication(manual, 1'001);
    const Subscription subscription = aeron.add_subscription(manual, 1'001);

    EXPECT_NE(publication.add_destination(destination), subscription.add_destination(destination));
    publication.remove_destination(destination);
    publication.remove_destination(publication.add_destination(destination));
    subscription.remove_destination(destination);

    EXPECT_TRUE(errors.empty());
}

// spec: 07-C58
TEST_F(ClientDestinations, FailWithWhatTheDriverAnswers) {
    connect();
    const Publication publication = aeron.add_publication("aeron:udp?endpoint=localhost:1", 1'001);
    Pending<RegistrationId> addition = publication.async_add_destination(destination);
    Pending<std::monostate> removal = publication.async_remove_destination(RegistrationId{7});
    for (int i = 0; i < 2; ++i) {
        const ReceivedCommand command = driver->expect_command();
        const std::int64_t correlation_id = i == 0 ? command.as<command::AddDestinationCommand>().correlation_id
                                                   : command.as<command::RemoveDestinationByIdCommand>().correlation_id;
        driver->send(command::ErrorEvent{.offending_correlation_id = correlation_id,
                                         .code = ErrorCode::generic_error,
                                         .message = "no manual control"});
    }
    run();

    EXPECT_THROW(static_cast<void>(addition.poll_or_throw()), RegistrationError);
    const ErrorInfo error = removal.poll()->error();
    EXPECT_EQ(error.code, ErrorCode::generic_error);
    EXPECT_THAT(error.message, HasSubstr("cannot remove destination 7 from publication"));
    EXPECT_THAT(error.message, HasSubstr("no manual control"));
}

TEST_F(ClientDestinations, AreRefusedWithoutAskingWhereTheTextIsNoChannel) {
    connect();
    const Publication publication = aeron.add_publication(manual, 1'001);
    const Subscription subscription = aeron.add_subscription(manual, 1'001);
    const std::string too_long = "aeron:udp?endpoint=" + std::string(4'096, 'x');

    EXPECT_EQ(publication.async_add_destination("localhost:1").poll()->error().code, ErrorCode::invalid_channel);
    EXPECT_EQ(publication.async_remove_destination("").poll()->error().code, ErrorCode::invalid_channel);
    EXPECT_EQ(subscription.async_add_destination(too_long).poll()->error().code, ErrorCode::invalid_channel);
    EXPECT_THROW(subscription.remove_destination("aeron:udp?=x"), RegistrationError);
    EXPECT_TRUE(is_quiet());
}

// spec: 02 §10.10
TEST_F(ClientDestinations, AreNotForClosedHandles) {
    connect();
    const Publication publication = aeron.add_publication(manual, 1'001);
    const Subscription subscription = aeron.add_subscription(manual, 1'001);
    publication.close();
    subscription.close();
    run();
    static_cast<void>(driver->all_commands());

    EXPECT_THROW(publication.add_destination(destination), ClosedError);
    EXPECT_THROW(publication.remove_destination(destination), ClosedError);
    EXPECT_THROW(publication.remove_destination(RegistrationId{7}), ClosedError);
    EXPECT_THROW(subscription.add_destination(destination), ClosedError);
    EXPECT_THROW(subscription.remove_destination(destination), ClosedError);
    EXPECT_THROW(ExclusivePublication{}.add_destination(destination), ClosedError);
    EXPECT_THROW(Subscription{}.add_destination(destination), ClosedError);
    EXPECT_TRUE(is_quiet());
}

TEST_F(ClientDestinations, CallbackMayAskButNotWait) {
    connect();
    Pending<RegistrationId> asked;
    std::vector<ErrorCode> refused;
    const auto expect_refusal = [&](const std::function<void()>& call) {
        try {
            call();
        } catch (const Error& error) {
            refused.push_back(error.code());
        }
    };
    const Publication publication = aeron.add_publication(manual, 1'001);
    const Subscription subscription =
        aeron.add_subscription(manual, 1'001, {.on_available = [&](const Image& image) {
                                   const Subscription own = image.subscription();
                                   asked = own.async_add_destination(destination);
                                   expect_refusal([&] { own.add_destination(destination); });
                                   expect_refusal([&] { own.remove_destination(destination); });
                                   expect_refusal([&] { publication.add_destination(destination); });
                                   expect_refusal([&] { publication.remove_destination(RegistrationId{7}); });
                               }});
    driver->send_available_image(900, number(subscription.registration_id()));
    run();

    EXPECT_EQ(refused, std::vector<ErrorCode>(4, ErrorCode::reentrant_call));
    EXPECT_EQ(received<command::AddReceiveDestinationCommand>().correlation_id, number(asked.registration_id()));
    EXPECT_TRUE(is_quiet());
}

// Of a publication it is known by its id alone. spec: 02 §10.5 step 4
TEST_F(ClientDestinations, OfAPublicationWhoseAnswerNobodyTakesAreRemoved) {
    connect();
    const Publication publication = aeron.add_publication(manual, 1'001);
    const auto expect_removed = [&](const std::int64_t id) {
        const auto command = received<command::RemoveDestinationByIdCommand>();
        EXPECT_EQ(command.registration_id, number(publication.registration_id()));
        EXPECT_EQ(command.destination_registration_id, id);
        EXPECT_NE(command.correlation_id, id);
        EXPECT_TRUE(is_quiet());
    };

    Pending<RegistrationId> dropped = publication.async_add_destination(destination);
    const std::int64_t dropped_id = received<command::AddDestinationCommand>().correlation_id;
    dropped.cancel();
    answer(dropped_id);
    expect_removed(dropped_id);

    Pending<RegistrationId> late = publication.async_add_destination(destination);
    const std::int64_t late_id = received<command::AddDestinationCommand>().correlation_id;
    pass(std::chrono::seconds{11});
    EXPECT_EQ(late.poll()->error().code, ErrorCode::driver_timeout);
    expect_removed(late_id);
}

TEST_F(ClientDestinations, OfASubscriptionWhoseAnswerNobodyTakesMayStay) {
    connect();
    const Subscription subscription = aeron.add_subscription(manual, 1'001);

    Pending<RegistrationId> dropped = subscription.async_add_destination(destination);
    const std::int64_t id = received<command::AddReceiveDestinationCommand>().correlation_id;
    dropped.cancel();
    answer(id);

    EXPECT_TRUE(is_quiet()) << "a remove by text could hit another destination with the same text";
}

TEST_F(ClientDestinations, AreNotAskedForWhereTheyAreCancelledAtOnce) {
    Context settings = context();
    settings.invoker_mode = true;
    connect(settings);
    const Publication publication = aeron.add_publication(manual, 1'001);
    bool is_done = false;
    const HandlerRegistration registration =
        aeron.add_available_counter_handler([&](const CountersReader&, RegistrationId, CounterId) {
            publication.async_add_destination(destination).cancel();
            is_done = true;
        });
    driver->send(command::CounterReadyEvent{.registration_id = 1, .counter_id = driver->make_counter(1'000)});
    run();

    EXPECT_TRUE(is_done);
    EXPECT_TRUE(is_quiet());
}

}  // namespace
}  // namespace cpperon::client
