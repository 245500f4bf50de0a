/// Manager, reader and value handle of the counters.
#include <array>
#include <atomic>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpperon/base/error.hpp"
#include "cpperon/shm/counters_manager.hpp"
#include "cpperon/shm/counters_reader.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/shared_section.hpp"

namespace cpperon::shm {
namespace {

using namespace std::chrono_literals;
using test::SharedSection;
using test::to_hex;
using ::testing::ElementsAre;

std::vector<std::byte> key_of(const std::int64_t value) {
    std::vector<std::byte> key(sizeof value);
    std::memcpy(key.data(), &value, sizeof value);
    return key;
}

/// Four counters, a cool-down of one second, a clock that starts at 5,000.
class Counters : public ::testing::Test {
protected:
    static constexpr std::size_t count = 4;

    std::optional<std::int32_t> allocate(const std::int32_t type_id = 1, const std::string_view label = "label") {
        return manager.allocate({.type_id = type_id, .label = label});
    }
    std::string metadata_hex(const std::size_t id, const std::size_t offset, const std::size_t length) {
        return to_hex(metadata.bytes(id * 512 + offset, length));
    }
    std::vector<std::int32_t> ids() const {
        std::vector<std::int32_t> found;
        manager.reader().for_each([&](const CounterView& counter) { found.push_back(counter.id); });
        return found;
    }

    SharedSection metadata{count * 512};
    SharedSection values{count * 128};
    ManualClock clock{5'000};
    CountersManager manager{metadata.bytes(), values.bytes(), clock, 1'000};
    const CountersReader& reader = manager.reader();
};

// spec: 01-C26
TEST_F(Counters, GoThroughTheWorkedExample) {
    EXPECT_EQ(manager.allocate({.type_id = 11, .key = key_of(77), .label = "client-heartbeat: id=77"}), 0);
    EXPECT_EQ(metadata_hex(0, 0, 24), "01000000 0b000000 ffffffff ffffff7f 4d000000 00000000");
    EXPECT_EQ(metadata_hex(0, 128, 12), "17000000 636c6965 6e742d68");

    EXPECT_EQ(allocate(12, "b"), 1);

    manager.free(0);
    EXPECT_EQ(metadata_hex(0, 0, 24), "ffffffff 0b000000 70170000 00000000 00000000 00000000");
    EXPECT_EQ(metadata_hex(0, 128, 12), "17000000 636c6965 6e742d68");

    EXPECT_EQ(allocate(), 2);
    clock.advance(999ms);
    EXPECT_EQ(allocate(), 3);
    clock.advance(1ms);
    EXPECT_EQ(allocate(), 0);
    EXPECT_EQ(allocate(), std::nullopt);
}

// spec: 01-C26
TEST_F(Counters, AreReusedOldestFirst) {
    for (int i = 0; i < 4; ++i) {
        static_cast<void>(allocate());
    }
    manager.free(2);
    manager.free(0);
    clock.advance(10ms);
    manager.free(1);

    clock.advance(1'000ms);

    EXPECT_EQ(allocate(), 2);
    EXPECT_EQ(allocate(), 0);
    EXPECT_EQ(allocate(), 1);
    EXPECT_EQ(allocate(), std::nullopt);
}

TEST_F(Counters, AreReusedAtOnceWithoutACoolDown) {
    CountersManager eager{metadata.bytes(), values.bytes(), clock, 0};
    EXPECT_EQ(eager.allocate({}), 0);
    eager.free(0);
    EXPECT_EQ(eager.allocate({}), 0);
}

TEST_F(Counters, IgnoreAFreeOfWhatIsNotAllocated) {
    static_cast<void>(allocate());
    manager.free(0);
    manager.free(0);
    manager.free(1);
    manager.free(-1);
    manager.free(4);
    clock.advance(1s);
    EXPECT_EQ(allocate(), 0);
    EXPECT_EQ(allocate(), 1);
}

TEST_F(Counters, StartWithWhatTheyWereAllocatedFor) {
    const auto id = manager.allocate({.type_id = 4,
                                      .key = key_of(9),
                                      .label = "sub-pos",
                                      .registration_id = 10,
                                      .owner_id = -1,
                                      .reference_id = 12,
                                      .initial_value = 13});
    ASSERT_EQ(id, 0);
    EXPECT_EQ(to_hex(values.bytes(0, 32)), "0d000000 00000000 0a000000 00000000 ffffffff ffffffff 0c000000 00000000");
    EXPECT_EQ(reader.state(0), CounterState::allocated);
    EXPECT_EQ(reader.value(0), 13);
    EXPECT_EQ(reader.type_id(0), 4);
    EXPECT_EQ(reader.registration_id(0), 10);
    EXPECT_EQ(reader.owner_id(0), -1);
    EXPECT_EQ(reader.reference_id(0), 12);
    EXPECT_EQ(reader.label(0), "sub-pos");
    EXPECT_EQ(reader.free_for_reuse_deadline_ms(0), INT64_MAX);
    const CounterKey key = reader.key(0);
    EXPECT_EQ(to_hex(std::span{key}.first(12)), "09000000 00000000 00000000");
}

TEST_F(Counters, ForgetTheirFormerLifeWhenReused) {
    static_cast<void>(manager.allocate({.type_id = 1,
                                        .key = key_of(1),
                                        .label = "long label",
                                        .registration_id = 1,
                                        .owner_id = 1,
                                        .reference_id = 1,
                                        .initial_value = 1}));
    manager.free(0);
    clock.advance(1s);
    ASSERT_EQ(allocate(2, "x"), 0);

    EXPECT_EQ(reader.value(0), 0);
    EXPECT_EQ(reader.registration_id(0), 0);
    EXPECT_EQ(reader.owner_id(0), 0);
    EXPECT_EQ(reader.reference_id(0), 0);
    EXPECT_EQ(reader.label(0), "x");
    EXPECT_EQ(reader.key(0), CounterKey{});
}

// spec: 01-C27
TEST_F(Counters, CutLabelsAt380AndKeysAt112) {
    const std::string label = std::string(380, 'l') + "beyond";
    const std::vector<std::byte> key(120, std::byte{0x11});
    ASSERT_EQ(manager.allocate({.key = key, .label = label}), 0);
    ASSERT_EQ(allocate(), 1);

    EXPECT_EQ(reader.label(0), std::string(380, 'l'));
    EXPECT_EQ(metadata_hex(0, 124, 8), "11111111 7c010000");
    EXPECT_EQ(metadata_hex(1, 0, 4), "01000000");
    manager.append_label(0, "more");
    EXPECT_EQ(reader.label(0), std::string(380, 'l'));
    manager.update_label(1, label);
    EXPECT_EQ(reader.label(1), std::string(380, 'l'));
    EXPECT_EQ(metadata_hex(2, 0, 4), "00000000");
}

TEST_F(Counters, AppendToLabelsWhatFits) {
    static_cast<void>(allocate(1, "status"));
    manager.append_label(0, " 1");
    append_counter_label(metadata.bytes(), 0, " 2");
    EXPECT_EQ(reader.label(0), "status 1 2");
    manager.update_label(0, "s");
    EXPECT_EQ(reader.label(0), "s");
    manager.relabel(0, "longer");
    EXPECT_EQ(reader.label(0), "longer");
    manager.relabel(0, "s");
    manager.append_label(0, std::string(500, 'x'));
    EXPECT_EQ(reader.label(0), "s" + std::string(379, 'x'));
    append_counter_label(metadata.bytes(), 4, "ignored");
    append_counter_label(metadata.bytes(), -1, "ignored");
    manager.append_label(3, "ignored");
    EXPECT_EQ(metadata_hex(3, 128, 8), "00000000 00000000");
}

// spec: 01-C28
TEST_F(Counters, AreEnumeratedOverReclaimedOnesUpToTheFirstUnused) {
    static_cast<void>(allocate());
    static_cast<void>(allocate());
    static_cast<void>(allocate());
    manager.free(1);
    EXPECT_THAT(ids(), ElementsAre(0, 2));

    const std::int32_t allocated = 1;
    std::memcpy(metadata.bytes(0, 4).data(), "\0\0\0\0", 4);
    std::memcpy(metadata.bytes(3 * 512, 4).data(), &allocated, 4);
    EXPECT_THAT(ids(), ElementsAre());
}

TEST_F(Counters, AreFoundByTypeAndRegistration) {
    static_cast<void>(manager.allocate({.type_id = 5, .registration_id = 1}));
    static_cast<void>(manager.allocate({.type_id = 6, .registration_id = 2}));
    static_cast<void>(manager.allocate({.type_id = 6, .key = key_of(3), .registration_id = 3}));
    static_cast<void>(manager.allocate({.type_id = 6, .registration_id = 3}));

    EXPECT_EQ(reader.find(6, 3), 2);
    EXPECT_EQ(reader.find(5, 3), std::nullopt);
    EXPECT_EQ(reader.find(6, [](const CounterView& c) { return c.registration_id == 3; }), 2);
    EXPECT_EQ(reader.find(5, [](const CounterView& c) { return c.registration_id == 3; }), std::nullopt);
    EXPECT_EQ(reader.find_if([](const CounterView& c) { return c.key[0] == std::byte{3}; }), 2);
    manager.free(2);
    EXPECT_EQ(reader.find(6, 3), 3);
    manager.set_registration_id(3, 30);
    manager.set_owner_id(3, 31);
    manager.set_reference_id(3, 32);
    EXPECT_EQ(reader.find(6, 3), std::nullopt);
    EXPECT_EQ(reader.owner_id(3), 31);
    EXPECT_EQ(reader.reference_id(3), 32);
}

TEST_F(Counters, HaveAValueAsLongAsTheyLive) {
    ASSERT_EQ(manager.allocate({.type_id = 6, .registration_id = 2, .initial_value = 10}), 0);
    std::vector<CounterIdentity> seen;
    reader.for_each([&](const CounterView& counter) { seen.push_back(counter.identity()); });
    ASSERT_THAT(seen, ElementsAre(CounterIdentity{.id = 0, .type_id = 6, .registration_id = 2}));

    EXPECT_EQ(reader.value_of(seen[0]), 10);
    manager.counter(0).set_release(11);
    EXPECT_EQ(reader.value_of(seen[0]), 11);
    manager.free(0);
    EXPECT_EQ(reader.value_of(seen[0]), std::nullopt);
    clock.advance(1s);
    ASSERT_EQ(manager.allocate({.type_id = 6, .registration_id = 3, .initial_value = 20}), 0);
    EXPECT_EQ(reader.value_of(seen[0]), std::nullopt) << "its id belongs to another one";

    EXPECT_EQ(reader.value_of({.id = 0, .type_id = 7, .registration_id = 3}), std::nullopt);
    EXPECT_EQ(reader.value_of({.id = 1, .type_id = 6, .registration_id = 3}), std::nullopt);
    EXPECT_EQ(reader.value_of({.id = 4, .type_id = 6, .registration_id = 3}), std::nullopt);
    EXPECT_EQ(reader.value_of({}), std::nullopt);
}

// spec: 07 §J.17. The driver's conductor gives ids to others while a tool reads them: no view is made of two lives.
TEST_F(Counters, AreSeenInOneOfTheirLives) {
    constexpr std::int64_t lives = 200'000;
    CountersManager eager{metadata.bytes(), values.bytes(), clock, 0};
    std::atomic<bool> is_over{false};
    std::int64_t views = 0;
    std::thread tool{[&] {
        for (bool is_last = false; !is_last;) {
            is_last = is_over;
            reader.for_each([&](const CounterView& counter) {
                ++views;
                std::int64_t key = 0;
                std::memcpy(&key, counter.key.data(), sizeof key);
                EXPECT_EQ(key, counter.registration_id);
                EXPECT_EQ(counter.label, std::to_string(counter.registration_id));
                EXPECT_EQ(counter.reference_id, -counter.registration_id);
                EXPECT_EQ(counter.owner_id, 2 * counter.registration_id);
                EXPECT_EQ(counter.value, 3 * counter.registration_id);
                EXPECT_EQ(counter.type_id, counter.registration_id % 1'000);
                const std::optional<std::int64_t> value = reader.value_of(counter.identity());
                EXPECT_TRUE(!value || *value == counter.value);
            });
        }
    }};
    for (std::int64_t life = 1; life <= lives; ++life) {
        const std::vector<std::byte> key = key_of(life);
        const std::string label = std::to_string(life);
        const auto id = eager.allocate({.type_id = static_cast<std::int32_t>(life % 1'000),
                                        .key = key,
                                        .label = label,
                                        .registration_id = life,
                                        .owner_id = 2 * life,
                                        .reference_id = -life,
                                        .initial_value = 3 * life});
        EXPECT_EQ(id, 0);
        if (life == lives) {
            is_over = true;
        } else {
            eager.free(0);
        }
    }
    tool.join();

    EXPECT_GT(views, 0);
}

TEST_F(Counters, RefuseIdsOutOfRange) {
    EXPECT_EQ(reader.max_counter_id(), 3);
    for (const std::int32_t id : {-1, 4, INT32_MIN, INT32_MAX}) {
        EXPECT_FALSE(reader.contains(id));
        EXPECT_THROW(static_cast<void>(reader.value(id)), InvalidArgumentError);
        EXPECT_THROW(static_cast<void>(reader.state(id)), InvalidArgumentError);
        EXPECT_THROW(static_cast<void>(reader.label(id)), InvalidArgumentError);
        EXPECT_THROW(static_cast<void>(reader.key(id)), InvalidArgumentError);
        EXPECT_FALSE(manager.counter(id));
        EXPECT_FALSE(counter_at(values.bytes(), id));
    }
    EXPECT_EQ(CountersReader{}.max_counter_id(), -1);
    EXPECT_FALSE(CountersReader{}.contains(0));
}

TEST_F(Counters, RefuseSectionsThatDoNotBelongTogether) {
    EXPECT_THROW((CountersManager{metadata.bytes(), values.bytes(0, 256), clock, 0}), InvalidArgumentError);
    EXPECT_THROW((CountersManager{metadata.bytes(), values.bytes(), clock, -1}), InvalidArgumentError);
    EXPECT_THROW((CountersReader{metadata.bytes(4, 512), values.bytes()}), InvalidArgumentError);
    EXPECT_EQ((CountersReader{metadata.bytes(), values.bytes(0, 300)}).max_counter_id(), 1);
}

TEST_F(Counters, SurviveAnyMetadata) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    for (int round = 0; round < 200; ++round) {
        for (std::size_t offset = 0; offset < count * 512; offset += 8) {
            metadata.word(offset) = static_cast<std::int64_t>((std::uint64_t{random()} << 32) | (random() % 3));
        }
        reader.for_each([](const CounterView& counter) { EXPECT_LE(counter.label.size(), 380U); });
        append_counter_label(metadata.bytes(), 0, std::string(400, 'x'));
        EXPECT_LE(reader.label(0).size(), 380U);
    }
}

TEST_F(Counters, HaveValuesThatHandlesChange) {
    static_cast<void>(allocate());
    AtomicCounter counter = manager.counter(0);

    counter.set_release(5);
    counter.add_release(2);
    counter.increment_release();
    EXPECT_EQ(reader.value(0), 8);
    EXPECT_EQ(counter.fetch_add(2), 8);
    EXPECT_EQ(counter.get(), 10);
    EXPECT_FALSE(counter.propose_max_release(10));
    EXPECT_TRUE(counter.propose_max_release(11));
    EXPECT_FALSE(counter.compare_exchange(10, 1));
    EXPECT_TRUE(counter.compare_exchange(11, 1));
    counter.set_relaxed(3);
    EXPECT_EQ(counter.get_relaxed(), 3);
    EXPECT_FALSE(AtomicCounter{});
}

}  // namespace
}  // namespace cpperon::shm
