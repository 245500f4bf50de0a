#include "cpperon/client/counter.hpp"

#include <array>
#include <cstring>
#include <unordered_set>

#include <gtest/gtest.h>

#include "cpperon/client/stream_fixture.hpp"
#include "cpperon/shm/counters_layout.hpp"

namespace cpperon {
namespace {

/// Counter 1 of a counters file with room for two, allocated by a driver for command 17.
class CounterTest : public testing::Test {
protected:
    struct Sections {
        alignas(64) std::array<shm::CounterMetadataRecord, 2> metadata{};
        alignas(64) std::array<shm::CounterValuesRecord, 2> values{};
    };

    CounterTest() {
        sections_->metadata[1].state = 1;
        sections_->metadata[1].label_length = 6;
        std::memcpy(sections_->metadata[1].label, "orders", 6);
        sections_->values[1].registration_id = 17;
        sections_->values[1].value = 40;
    }

    [[nodiscard]] Counter make() const {
        return Counter{std::make_shared<client::CounterHandleState>(client::CounterSetup{
            .link = link_,
            .counters_owner = sections_,
            .value = &sections_->values[1].value,
            .reader = {std::as_bytes(std::span{sections_->metadata}), std::as_bytes(std::span{sections_->values})},
            .constants = {
                .registration_id = RegistrationId{17}, .correlation_id = RegistrationId{17}, .id = CounterId{1}}})};
    }

    std::shared_ptr<Sections> sections_ = std::make_shared<Sections>();
    std::shared_ptr<client::RecordingLink> link_ = std::make_shared<client::RecordingLink>();
};

TEST_F(CounterTest, EveryOperationActsOnTheSharedValue) {
    const Counter counter = make();
    const std::int64_t& shared = sections_->values[1].value;

    EXPECT_EQ(counter.increment(), 40);
    EXPECT_EQ(counter.add(9), 41);
    EXPECT_EQ(shared, 50);
    EXPECT_EQ(counter.exchange(7), 50);
    EXPECT_FALSE(counter.compare_exchange(6, 100));
    EXPECT_TRUE(counter.compare_exchange(7, 8));
    counter.increment_release();
    counter.add_release(1);
    EXPECT_EQ(counter.get(), 10);
    EXPECT_FALSE(counter.propose_max(10));
    EXPECT_TRUE(counter.propose_max(11));
    EXPECT_EQ(counter.get_relaxed(), 11);
    counter.set_release(12);
    EXPECT_EQ(shared, 12);
    counter.set_relaxed(13);
    EXPECT_EQ(shared, 13);
    counter.set(14);
    EXPECT_EQ(shared, 14);
}

TEST_F(CounterTest, KnowsWhatTheDriverRecorded) {
    const Counter counter = make();

    EXPECT_EQ(counter.id(), CounterId{1});
    EXPECT_EQ(counter.registration_id(), RegistrationId{17});
    EXPECT_EQ(counter.label(), "orders");
    EXPECT_EQ(counter.state(), CounterState::allocated);
}

TEST_F(CounterTest, AnotherCountersIdIsNotTakenForItsOwn) {
    const Counter counter = make();

    sections_->values[1].registration_id = 99;  // freed, and allocated again for somebody else

    EXPECT_EQ(counter.state(), CounterState::reclaimed);
    EXPECT_EQ(counter.label(), "");
}

TEST_F(CounterTest, AfterCloseReadsGiveTheLastValueAndWritesDoNothing) {
    const Counter counter = make();

    counter.close();
    sections_->values[1].value = 1'000;  // somebody else's by now
    counter.set(1);
    counter.set_release(2);
    counter.set_relaxed(3);
    counter.increment_release();
    counter.add_release(4);

    EXPECT_TRUE(counter.is_closed());
    EXPECT_EQ(counter.get(), 40);
    EXPECT_EQ(counter.get_relaxed(), 40);
    EXPECT_EQ(counter.add(5), 40);
    EXPECT_EQ(counter.exchange(6), 40);
    EXPECT_FALSE(counter.compare_exchange(40, 7));
    EXPECT_FALSE(counter.propose_max(8));
    EXPECT_EQ(sections_->values[1].value, 1'000);
    EXPECT_EQ(counter.id(), CounterId{1});
}

// Found with a client that was stopped until the driver had given its counter to another: it kept the other's value.
TEST_F(CounterTest, AfterCloseAValueOfAnotherOwnerIsNotKept) {
    const Counter counter = make();
    sections_->values[1].registration_id = 99;
    sections_->values[1].value = 64;

    counter.close();

    EXPECT_EQ(counter.get(), 0);
}

TEST_F(CounterTest, TheConductorIsToldOnce) {
    Counter counter = make();
    Counter copy = counter;

    copy.close();
    counter.close();
    counter = {};
    copy = {};

    EXPECT_EQ(link_->closes(), (std::vector<client::RecordingLink::Close>{{"counter", 17}}));
}

TEST_F(CounterTest, DroppingTheLastCopyClosesIt) {
    Counter counter = make();
    Counter copy = counter;

    counter = {};
    EXPECT_TRUE(link_->closes().empty());
    copy = {};

    EXPECT_EQ(link_->closes(), (std::vector<client::RecordingLink::Close>{{"counter", 17}}));
}

TEST(Counter, ADefaultConstructedOneIsClosed) {
    const Counter counter;

    counter.set(4);
    counter.close();

    EXPECT_TRUE(counter.is_closed());
    EXPECT_EQ(counter.get(), 0);
    EXPECT_EQ(counter.id(), no_counter);
    EXPECT_EQ(counter.registration_id(), null_registration_id);
    EXPECT_EQ(counter.state(), CounterState::unused);
    EXPECT_EQ(counter.label(), "");
}

TEST_F(CounterTest, CopiesAreEqualAndHashAlike) {
    const Counter one = make();
    const Counter other = make();

    EXPECT_EQ(one, Counter{one});
    EXPECT_NE(one, other);
    EXPECT_EQ(Counter{}, Counter{});
    EXPECT_EQ((std::unordered_set<Counter>{one, one, other}.size()), 2U);
}

}  // namespace
}  // namespace cpperon
