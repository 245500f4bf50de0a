#include <array>
#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/driver/conductor/conductor_fixture.hpp"

namespace cpperon::driver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CounterCommands : public ConductorTest {
protected:
    std::int64_t add_static_counter(const std::int64_t client_id, const std::int64_t registration_id,
                                    const std::int32_t type_id, const std::string_view label) {
        const std::int64_t correlation_id = next_id();
        write(command::AddStaticCounterCommand{.client_id = client_id,
                                               .correlation_id = correlation_id,
                                               .registration_id = registration_id,
                                               .type_id = type_id,
                                               .label = label});
        settle();
        return correlation_id;
    }
    std::int64_t remove_counter(const std::int64_t client_id, const std::int64_t registration_id) {
        const std::int64_t correlation_id = next_id();
        write(command::RemoveCounterCommand{
            .client_id = client_id, .correlation_id = correlation_id, .registration_id = registration_id});
        settle();
        return correlation_id;
    }

    const std::int64_t client = next_id();
};

TEST_F(CounterCommands, AddAnswersWithTheCounterAfterTheHeartbeat) {
    const std::array<std::byte, 5> key{std::byte{0x11}, std::byte{0x22}, std::byte{0x33}, std::byte{0x44},
                                       std::byte{0x55}};

    const auto heard = execute(command::AddCounterCommand{
        .client_id = client, .correlation_id = 9, .type_id = 1101, .key = key, .label = "my label"});

    EXPECT_THAT(heard, ElementsAre("COUNTER_READY(1, 46)", "COUNTER_READY(9, 47)"));
    EXPECT_EQ(reader().type_id(47), 1101);
    EXPECT_EQ(reader().label(47), "my label");
    EXPECT_EQ(reader().registration_id(47), 9);
    EXPECT_EQ(reader().owner_id(47), client);
    EXPECT_EQ(reader().key(47)[4], std::byte{0x55});
    EXPECT_EQ(value(47), 0);
}

TEST_F(CounterCommands, KeyAndLabelThatAreTooLongAreCut) {
    const std::array<std::byte, 200> key{};
    const std::string label(500, 'x');

    execute(command::AddCounterCommand{
        .client_id = client, .correlation_id = 9, .type_id = 1101, .key = key, .label = label});

    EXPECT_EQ(reader().label(47), std::string(380, 'x'));
}

// spec: 02-C18
TEST_F(CounterCommands, RemoveIsAnsweredBeforeTheCounterBecomesUnavailable) {
    const std::int64_t counter = add_counter(client);
    static_cast<void>(events());

    const std::int64_t correlation_id = remove_counter(client, counter);

    EXPECT_THAT(events(), ElementsAre(fmt::format("OPERATION_SUCCESS({})", correlation_id),
                                      fmt::format("UNAVAILABLE_COUNTER({}, 47)", counter)));
    EXPECT_EQ(reader().state(47), CounterState::reclaimed);
}

// spec: 02-C19, 06-C33
TEST_F(CounterCommands, RemovingTwiceIsAnUnknownCounter) {
    const std::int64_t counter = add_counter(client);
    remove_counter(client, counter);
    static_cast<void>(events());

    const std::int64_t correlation_id = remove_counter(client, counter);

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 5)", correlation_id)));
}

// spec: 02-C20
TEST_F(CounterCommands, OnlyItsOwnClientCanRemoveACounter) {
    const std::int64_t counter = add_counter(client);
    const std::int64_t other_client = next_id();
    add_counter(other_client);
    static_cast<void>(events());

    const std::int64_t correlation_id = remove_counter(other_client, counter);

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 5)", correlation_id)));
    EXPECT_EQ(reader().state(47), CounterState::allocated);
}

// spec: 06-C32
TEST_F(CounterCommands, FreedIdIsNotUsedAgainBeforeItsCoolDown) {
    const std::int64_t counter = add_counter(client);
    set_value(47, 99);
    remove_counter(client, counter);
    static_cast<void>(events());

    add_counter(client);
    EXPECT_EQ(hear<command::CounterReadyEvent>().counter_id, 48);
    clock.advance(1s);
    add_counter(client);

    EXPECT_EQ(hear<command::CounterReadyEvent>().counter_id, 47);
    EXPECT_EQ(value(47), 0);
}

TEST_F(CounterCommands, OutOfCountersIsAGenericError) {
    while (allocated_counters() < static_cast<int>(max_counters)) {
        add_counter(client);
    }
    static_cast<void>(events());

    const std::int64_t id = add_counter(client);
    const std::int64_t of_new_client = add_counter(next_id());

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 11)", id), fmt::format("ERROR({}, 11)", of_new_client)));
}

// spec: 02-C22, 06-C61
TEST_F(CounterCommands, SecondAddOfAStaticCounterFindsTheFirst) {
    const std::int64_t first = add_static_counter(client, 4242, 1102, "static one");
    EXPECT_THAT(events(), ElementsAre("COUNTER_READY(1, 46)", fmt::format("STATIC_COUNTER({}, 47)", first)));
    set_value(47, 5);

    const std::int64_t second = add_static_counter(next_id(), 4242, 1102, "another label");

    EXPECT_THAT(events(), ElementsAre(HasSubstr("COUNTER_READY"), fmt::format("STATIC_COUNTER({}, 47)", second)));
    EXPECT_EQ(reader().label(47), "static one");
    EXPECT_EQ(reader().owner_id(47), -1);
    EXPECT_EQ(reader().registration_id(47), 4242);
    EXPECT_EQ(value(47), 5);
}

// spec: 02-C22
TEST_F(CounterCommands, StaticCounterDoesNotTakeTheIdentityOfAnother) {
    const std::int64_t counter = add_counter(client);
    static_cast<void>(events());

    const std::int64_t correlation_id = add_static_counter(client, counter, 1101, "mine");

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 11)", correlation_id)));
    EXPECT_EQ(reader().label(47), "my label");
}

// spec: 02-C22, 06-C61
TEST_F(CounterCommands, StaticCounterSurvivesItsClient) {
    add_static_counter(client, 4242, 1102, "static one");
    close_client(client);
    tick();
    static_cast<void>(events());

    EXPECT_EQ(reader().state(46), CounterState::reclaimed);
    EXPECT_EQ(reader().state(47), CounterState::allocated);
    const std::int64_t again = add_static_counter(next_id(), 4242, 1102, "");
    EXPECT_THAT(events(), ElementsAre(HasSubstr("COUNTER_READY"), fmt::format("STATIC_COUNTER({}, 47)", again)));
}

TEST_F(CounterCommands, StaticCounterCannotBeRemoved) {
    add_static_counter(client, 4242, 1102, "static one");
    static_cast<void>(events());

    const std::int64_t correlation_id = remove_counter(client, 4242);

    EXPECT_THAT(events(), ElementsAre(fmt::format("ERROR({}, 5)", correlation_id)));
}

}  // namespace
}  // namespace cpperon::driver
