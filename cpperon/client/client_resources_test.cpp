/// What the client's resources and images do when the driver, or the application, acts on them.
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/client/fake_driver_test_support.hpp"

namespace cpperon::client {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class ClientResources : public ClientTest {
protected:
    static constexpr std::int64_t image_id = 900;

    int count_log_mappings(const std::string& path) {
        int count = 0;
        std::ifstream maps{"/proc/self/maps"};
        for (std::string line; std::getline(maps, line);) {
            count += line.ends_with(path) ? 1 : 0;
        }
        return count;
    }
};

// spec: 02-C43, 07-C20
TEST_F(ClientResources, HandlesOfASharedPublicationCloseOneByOne) {
    connect();
    Publication first = aeron.add_publication("aeron:ipc", 1'001);
    const Publication second = aeron.add_publication("aeron:ipc", 1'001);
    EXPECT_EQ(first.session_id(), second.session_id());
    EXPECT_EQ(first.original_registration_id(), second.original_registration_id());
    EXPECT_NE(first.registration_id(), second.registration_id());

    first.close();
    first.close();
    run();

    const ReceivedCommand received = driver->expect_command();
    EXPECT_EQ(received.as<command::RemovePublicationCommand>().registration_id, number(first.registration_id()));
    EXPECT_TRUE(driver->all_commands().empty());
    EXPECT_TRUE(first.is_closed());
    EXPECT_EQ(first.offer("x").status(), OfferStatus::closed);
    EXPECT_FALSE(second.is_closed());
    EXPECT_NE(second.offer("x").status(), OfferStatus::closed);
}

TEST_F(ClientResources, LogIsMappedOnceForPublicationsAndImagesOfIt) {
    connect();
    Publication first = aeron.add_publication("aeron:ipc", 1'001);
    Publication second = aeron.add_publication("aeron:ipc", 1'001);
    Subscription subscription = aeron.add_subscription("aeron:ipc", 1'001);
    const std::string path = shm::publication_log_path(directory.path(), number(first.registration_id()));
    const int of_driver_and_client = count_log_mappings(path);
    driver->send_available_image(number(first.registration_id()), number(subscription.registration_id()));
    run();
    EXPECT_EQ(count_log_mappings(path), of_driver_and_client);

    first = {};
    second = {};
    subscription = {};
    run();

    EXPECT_EQ(count_log_mappings(path), of_driver_and_client - 1);
}

TEST_F(ClientResources, LastHandleThatIsDroppedRemovesTheResource) {
    connect();
    {
        const Publication publication = aeron.add_publication("aeron:ipc", 1);
        const Publication copy = publication;
        const ExclusivePublication exclusive = aeron.add_exclusive_publication("aeron:ipc", 2);
        const Subscription subscription = aeron.add_subscription("aeron:ipc", 3);
        const Counter counter = aeron.add_counter(1'000, "x");
        run();
        EXPECT_TRUE(driver->all_commands().empty());
    }
    run();

    EXPECT_EQ(driver->expect_command().type_id, command::type_id<command::RemoveCounterCommand>);
    EXPECT_EQ(driver->expect_command().type_id, command::type_id<command::RemoveSubscriptionCommand>);
    EXPECT_EQ(driver->expect_command().type_id, command::type_id<command::RemovePublicationCommand>);
    EXPECT_EQ(driver->expect_command().type_id, command::type_id<command::RemovePublicationCommand>);
    EXPECT_TRUE(driver->all_commands().empty());
}

// What is closed first is gone first: otherwise a new publication could clash with the session id of one that was
// closed before it was asked for. Found when a new subscription joined a publication that its program had closed.
TEST_F(ClientResources, DriverHearsOfClosesAndAddsInTheirOrder) {
    connect();
    const Publication first = aeron.add_publication("aeron:ipc?session-id=7", 1'001);
    run();

    first.close();
    const Pending<Publication> second = aeron.async_add_publication("aeron:ipc?session-id=7", 1'001);
    run();

    EXPECT_EQ(driver->expect_command().type_id, command::type_id<command::RemovePublicationCommand>);
    EXPECT_EQ(driver->expect_command().type_id, command::type_id<command::AddPublicationCommand>);
}

// spec: 07-C11
TEST_F(ClientResources, ClientWorksUntilTheLastHandleOfItsResourcesIsGone) {
    connect();
    Publication publication = aeron.add_publication("aeron:ipc", 1'001);
    run();
    aeron = {};

    EXPECT_FALSE(publication.is_closed());
    EXPECT_NE(publication.offer("x").status(), OfferStatus::closed);
    EXPECT_TRUE(driver->all_commands().empty());

    publication = {};
    const std::vector<ReceivedCommand> commands = driver->all_commands();
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_EQ(commands.front().type_id, command::type_id<command::ClientCloseCommand>);
}

TEST_F(ClientResources, RevokeSetsTheFlag) {
    connect();
    ExclusivePublication revoked = aeron.add_exclusive_publication("aeron:ipc", 1);
    ExclusivePublication closed = aeron.add_exclusive_publication("aeron:ipc", 2);

    revoked.revoke();
    closed.close();
    run();

    EXPECT_TRUE(driver->expect_command().as<command::RemovePublicationCommand>().is_revoke());
    EXPECT_FALSE(driver->expect_command().as<command::RemovePublicationCommand>().is_revoke());
}

// spec: 07-C22
TEST_F(ClientResources, NewResourcesAreAnnounced) {
    std::vector<std::string> announced;
    Context settings = context();
    const auto on_publication = [&](const std::string_view channel, const std::int32_t stream, const SessionId session,
                                    const RegistrationId id) {
        announced.push_back(std::string{channel} + " " + std::to_string(stream) + " " +
                            std::to_string(static_cast<std::int32_t>(session)) + " " + std::to_string(number(id)));
    };
    settings.on_new_publication = on_publication;
    settings.on_new_exclusive_publication = on_publication;
    settings.on_new_subscription = [&](const std::string_view channel, const std::int32_t stream,
                                       const RegistrationId id) {
        announced.push_back(std::string{channel} + " " + std::to_string(stream) + " " + std::to_string(number(id)));
    };
    connect(settings);

    const Publication publication = aeron.add_publication("aeron:ipc", 1);
    const ExclusivePublication exclusive = aeron.add_exclusive_publication("aeron:ipc", 2);
    const Subscription subscription = aeron.add_subscription("aeron:ipc", 3);

    EXPECT_THAT(announced, ElementsAre("aeron:ipc 1 7 " + std::to_string(number(publication.registration_id())),
                                       "aeron:ipc 2 7 " + std::to_string(number(exclusive.registration_id())),
                                       "aeron:ipc 3 " + std::to_string(number(subscription.registration_id()))));
}

// spec: 02-C42, 07-C50
TEST_F(ClientResources, ImageEndsOnceAndAKeptHandleStaysSafe) {
    connect();
    std::vector<std::string> calls;
    const Subscription subscription = aeron.add_subscription(
        "aeron:ipc", 1'001,
        {.on_available = [&](const Image& image) { calls.push_back("available " + std::to_string(image.position())); },
         .on_unavailable =
             [&](const Image& image) {
                 EXPECT_TRUE(image.is_closed());
                 EXPECT_EQ(subscription.image_count(), 0U);
                 calls.push_back("unavailable " + std::to_string(image.position()));
             }});
    const std::int32_t position_id = driver->send_available_image(image_id, number(subscription.registration_id()));
    run();
    ASSERT_EQ(subscription.image_count(), 1U);
    EXPECT_TRUE(subscription.is_connected());
    const Image kept = *subscription.image_at(0);
    driver->counters().counter(position_id).set_release(64);

    driver->send_unavailable_image(image_id, number(subscription.registration_id()));
    driver->send_unavailable_image(image_id, number(subscription.registration_id()));
    run();

    EXPECT_THAT(calls, ElementsAre("available 0", "unavailable 64"));
    EXPECT_FALSE(subscription.is_connected());
    const auto ignore = [](std::span<const std::byte>, const Header&) {};
    EXPECT_EQ(subscription.poll(ignore, 10), 0);
    EXPECT_EQ(kept.poll(ignore, 10), 0);
    EXPECT_EQ(kept.position(), 64);
    EXPECT_EQ(kept.source_identity(), "aeron:ipc");
    EXPECT_EQ(count_log_mappings(shm::publication_log_path(directory.path(), image_id)), 2);
}

TEST_F(ClientResources, SameImageMayComeBackWithAnotherJoinPosition) {
    connect();
    const Subscription subscription = aeron.add_subscription("aeron:ipc", 1'001);
    driver->send_available_image(image_id, number(subscription.registration_id()));
    driver->send_unavailable_image(image_id, number(subscription.registration_id()));
    const std::int32_t position_id = driver->make_counter(4, 128);
    driver->send(command::AvailableImageEvent{.correlation_id = image_id,
                                              .session_id = 7,
                                              .stream_id = 1'001,
                                              .subscription_registration_id = number(subscription.registration_id()),
                                              .subscriber_position_id = position_id,
                                              .log_file_name = shm::publication_log_path(directory.path(), image_id),
                                              .source_identity = "aeron:ipc"});
    run();

    ASSERT_EQ(subscription.image_count(), 1U);
    EXPECT_EQ(subscription.image_at(0)->join_position(), 128);
}

TEST_F(ClientResources, ImagesOfAClosedSubscriptionAreAnnouncedAsUnavailable) {
    connect();
    int unavailable = 0;
    {
        const Subscription subscription =
            aeron.add_subscription("aeron:ipc", 1'001, {.on_unavailable = [&](const Image&) { ++unavailable; }});
        driver->send_available_image(image_id, number(subscription.registration_id()));
        driver->send_available_image(image_id + 1, number(subscription.registration_id()));
        run();
    }
    run();

    EXPECT_EQ(unavailable, 2);
    EXPECT_EQ(driver->expect_command().type_id, command::type_id<command::RemoveSubscriptionCommand>);
}

TEST_F(ClientResources, ImageThatCannotBeMappedIsReportedAndLeftOut) {
    connect();
    const Subscription subscription = aeron.add_subscription("aeron:ipc", 1'001);
    driver->send(command::AvailableImageEvent{.correlation_id = image_id,
                                              .subscription_registration_id = number(subscription.registration_id()),
                                              .subscriber_position_id = driver->make_counter(4),
                                              .log_file_name = "/dev/shm/there/is/no.logbuffer"});
    driver->send(command::AvailableImageEvent{.correlation_id = image_id,
                                              .subscription_registration_id = number(subscription.registration_id()),
                                              .subscriber_position_id = -1,
                                              .log_file_name = "/dev/shm/there/is/no.logbuffer"});
    run();

    EXPECT_EQ(subscription.image_count(), 0U);
    EXPECT_THAT(error_codes(), ElementsAre(ErrorCode::generic_error, ErrorCode::generic_error));
}

// spec: 02-C44
TEST_F(ClientResources, SubscriptionMayBeClosedInItsOwnAvailableCallback) {
    connect();
    std::vector<std::string> calls;
    Subscription subscription;
    subscription = aeron.add_subscription("aeron:ipc", 1'001,
                                          {.on_available =
                                               [&](const Image&) {
                                                   calls.emplace_back("available");
                                                   subscription.close();
                                                   subscription = {};
                                               },
                                           .on_unavailable = [&](const Image&) { calls.emplace_back("unavailable"); }});
    const std::int64_t id = number(subscription.registration_id());
    driver->send_available_image(image_id, id);
    driver->send_available_image(image_id + 1, id);
    run();

    EXPECT_THAT(calls, ElementsAre("available", "unavailable"));
    EXPECT_EQ(driver->expect_command().as<command::RemoveSubscriptionCommand>().registration_id, id);
    EXPECT_TRUE(errors.empty());
}

// spec: 02-C45, 07-C52
TEST_F(ClientResources, CallbackMayAskButNotWait) {
    connect();
    std::vector<ErrorCode> refused;
    const auto expect_refusal = [&](auto&& call) {
        try {
            call();
        } catch (const Error& error) {
            refused.push_back(error.code());
        }
    };
    Pending<Publication> asked;
    const Subscription subscription =
        aeron.add_subscription("aeron:ipc", 1'001, {.on_available = [&](const Image& image) {
                                   asked = aeron.async_add_publication("aeron:ipc", 2);
                                   expect_refusal([&] { static_cast<void>(aeron.add_publication("aeron:ipc", 3)); });
                                   expect_refusal([&] { static_cast<void>(aeron.add_subscription("aeron:ipc", 3)); });
                                   expect_refusal([&] { static_cast<void>(aeron.add_counter(1'000, "x")); });
                                   expect_refusal([&] { static_cast<void>(aeron.next_session_id(3)); });
                                   expect_refusal([&] { asked.wait(); });
                                   expect_refusal([&] { image.reject("no"); });
                                   expect_refusal([&] { aeron.close(); });
                                   expect_refusal([&] { aeron.do_work(); });
                               }});
    driver->send_available_image(image_id, number(subscription.registration_id()));
    run();

    EXPECT_EQ(refused, std::vector<ErrorCode>(8, ErrorCode::reentrant_call));
    EXPECT_EQ(asked.wait().stream_id(), 2);
    EXPECT_FALSE(aeron.is_closed());
}

// spec: 07-C51
TEST_F(ClientResources, HandlersOfAClosedSubscriptionAreGoneWithTheNextCycle) {
    connect();
    int calls = 0;
    auto held = std::make_shared<int>(0);
    const std::weak_ptr<int> watch = held;
    Subscription subscription = aeron.add_subscription("aeron:ipc", 1'001,
                                                       {.on_available = [&calls, held](const Image&) { ++calls; },
                                                        .on_unavailable = [&calls, held](const Image&) { ++calls; }});
    held.reset();
    const std::int64_t id = number(subscription.registration_id());
    driver->send_available_image(image_id, id);
    run();
    EXPECT_EQ(calls, 1);

    subscription.close();
    subscription = {};
    run();
    EXPECT_EQ(calls, 2);  // the image is gone
    EXPECT_TRUE(watch.expired());

    driver->send_available_image(image_id + 1, id);
    driver->send_unavailable_image(image_id, id);
    run();
    EXPECT_EQ(calls, 2);
}

// spec: 07 §C.1
TEST_F(ClientResources, ImagesAreToldToTheContextsHandlersWhereASubscriptionHasNone) {
    std::vector<std::string> heard;
    const auto hear = [&heard](std::string what) {
        return [&heard, what](const Image& image) {
            heard.push_back(what + std::to_string(number(image.correlation_id())));
        };
    };
    Context settings = context();
    settings.on_available_image = hear("+");
    settings.on_unavailable_image = hear("-");
    connect(settings);
    const Subscription plain = aeron.add_subscription("aeron:ipc", 1'001);
    const Subscription particular = aeron.add_subscription("aeron:ipc", 1'001, {.on_available = hear("own +")});

    for (const Subscription& subscription : {plain, particular}) {
        driver->send_available_image(image_id, number(subscription.registration_id()));
        driver->send_unavailable_image(image_id, number(subscription.registration_id()));
    }
    run();

    EXPECT_THAT(heard, ElementsAre("+900", "-900", "own +900", "-900"));
}

// spec: 02-C46, 07-C60
TEST_F(ClientResources, CounterHandlersHearOfAllClientsCountersButNotOfStaticOnes) {
    std::vector<std::string> heard;
    const auto hear = [&](const std::string& what) {
        return [&heard, what](const CountersReader& counters, const RegistrationId id, const CounterId counter) {
            EXPECT_TRUE(counters.contains(static_cast<std::int32_t>(counter)));
            heard.push_back(what + std::to_string(number(id)));
        };
    };
    Context settings = context();
    settings.on_available_counter = hear("+");
    settings.on_unavailable_counter = hear("-");
    connect(settings);
    const HandlerRegistration late = aeron.add_available_counter_handler(hear("late +"));

    const Counter own = aeron.add_counter(1'000, "own");
    driver->send(command::CounterReadyEvent{501, driver->make_counter(1'000)});
    driver->send(command::StaticCounterEvent{502, driver->make_counter(1'000)});
    driver->send(command::UnavailableCounterEvent{501, 44});
    driver->send(command::CounterReadyEvent{503, 1'000'000});  // no such counter
    run();

    const std::string own_id = std::to_string(number(own.registration_id()));
    EXPECT_THAT(heard, ElementsAre("+" + own_id, "late +" + own_id, "+501", "late +501", "-501"));
}

// spec: 07-C60
TEST_F(ClientResources, CounterHandlerMayRemoveItself) {
    connect();
    int heard = 0;
    HandlerRegistration registration;
    registration = aeron.add_available_counter_handler([&](const CountersReader&, RegistrationId, CounterId) {
        ++heard;
        registration.remove();
    });
    driver->send(command::CounterReadyEvent{501, 1});
    driver->send(command::CounterReadyEvent{502, 1});
    run();

    EXPECT_EQ(heard, 1);
}

TEST_F(ClientResources, ExceptionOfACallbackGoesToTheErrorHandlerAndTheConductorGoesOn) {
    connect();
    const Subscription subscription = aeron.add_subscription(
        "aeron:ipc", 1'001, {.on_available = [](const Image&) { throw std::runtime_error("of the application"); }});
    driver->send_available_image(image_id, number(subscription.registration_id()));
    driver->send_available_image(image_id + 1, number(subscription.registration_id()));
    run();

    ASSERT_EQ(errors.size(), 2U);
    EXPECT_THAT(errors[0].message, HasSubstr("of the application"));
    EXPECT_EQ(subscription.image_count(), 2U);
}

TEST_F(ClientResources, RejectionOfASharedPublicationIsToldToEachOfItsHandles) {
    std::vector<PublicationError> told;
    Context settings = context();
    settings.on_publication_error = [&](const PublicationError& error) { told.push_back(error); };
    connect(settings);
    const Publication first = aeron.add_publication("aeron:ipc", 1'001);
    const Publication second = aeron.add_publication("aeron:ipc", 1'001);
    const Publication other = aeron.add_publication("aeron:ipc", 1'002);

    command::PublicationErrorEvent event{.registration_id = number(first.registration_id()),
                                         .session_id = 7,
                                         .stream_id = 1'001,
                                         .receiver_id = -1,
                                         .address_type = command::AddressType::ipv4,
                                         .source_port = 40'123,
                                         .message = "test"};
    event.source_address[0] = std::byte{127};
    event.source_address[3] = std::byte{1};
    driver->send(event);
    run();

    ASSERT_EQ(told.size(), 2U);
    EXPECT_THAT((std::vector{told[0].registration_id, told[1].registration_id}),
                testing::UnorderedElementsAre(first.registration_id(), second.registration_id()));
    EXPECT_EQ(told[0].original_registration_id, first.registration_id());
    EXPECT_EQ(told[0].source_address, "127.0.0.1:40123");
    EXPECT_EQ(told[0].code, ErrorCode::image_rejected);
    EXPECT_EQ(told[0].message, "test");
}

TEST_F(ClientResources, RejectionByANetworkReceiverIsToldWithAllThatIsKnownOfIt) {
    std::vector<PublicationError> told;
    Context settings = context();
    settings.on_publication_error = [&](const PublicationError& error) { told.push_back(error); };
    connect(settings);
    const ExclusivePublication publication =
        aeron.add_exclusive_publication("aeron:udp?control-mode=manual|control=[::1]:7", 1'001);

    command::PublicationErrorEvent event{.registration_id = number(publication.registration_id()),
                                         .destination_registration_id = 77,
                                         .session_id = -7,
                                         .stream_id = 1'001,
                                         .receiver_id = 0x1122334455667788,
                                         .group_tag = 99,
                                         .address_type = command::AddressType::ipv6,
                                         .source_port = 65'535,
                                         .code = ErrorCode::generic_error,
                                         .message = "no"};
    event.source_address[15] = std::byte{1};
    driver->send(event);
    run();

    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].registration_id, publication.registration_id());
    EXPECT_EQ(told[0].original_registration_id, publication.registration_id());
    EXPECT_EQ(told[0].destination_registration_id, RegistrationId{77});
    EXPECT_EQ(told[0].session_id, SessionId{-7});
    EXPECT_EQ(told[0].stream_id, 1'001);
    EXPECT_EQ(told[0].receiver_id, 0x1122334455667788);
    EXPECT_EQ(told[0].group_tag, 99);
    EXPECT_EQ(told[0].source_address, "[::1]:65535");
    EXPECT_EQ(told[0].code, ErrorCode::generic_error);
    EXPECT_EQ(told[0].message, "no");
}

}  // namespace
}  // namespace cpperon::client
