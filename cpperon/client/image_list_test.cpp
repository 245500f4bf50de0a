#include "cpperon/client/image_list.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "cpperon/client/stream_fixture.hpp"

namespace cpperon::client {
namespace {

std::vector<std::int64_t> ids(const Images& images) {
    std::vector<std::int64_t> ids;
    for (const auto& image : images) {
        ids.push_back(static_cast<std::int64_t>(image->constants().correlation_id));
    }
    return ids;
}

TEST(ImageList, NewImagesComeLastAndRemovingKeepsTheOrder) {
    const Stream stream;
    ImageList list;
    EXPECT_TRUE(list.take().empty());

    list.add(stream.image_state({}, 1));
    list.add(stream.image_state({}, 2));
    list.add(stream.image_state({}, 3));
    EXPECT_EQ(ids(list.take()), (std::vector<std::int64_t>{1, 2, 3}));

    const auto removed = list.remove(RegistrationId{2});
    list.add(stream.image_state({}, 4));

    EXPECT_TRUE(removed->is_closed());
    EXPECT_EQ(ids(list.take()), (std::vector<std::int64_t>{1, 3, 4}));
    EXPECT_EQ(ids(*list.snapshot()), (std::vector<std::int64_t>{1, 3, 4}));
    EXPECT_EQ(list.remove(RegistrationId{2}), nullptr);
}

TEST(ImageList, AListIsFreedOnlyOnceThePollerTookANewerOne) {
    const Stream stream;
    ImageList list;
    std::weak_ptr<ImageState> first;
    {
        auto image = stream.image_state({}, 1);
        first = image;
        list.add(std::move(image));
    }
    static_cast<void>(list.take());

    list.remove(RegistrationId{1});
    list.reclaim();
    EXPECT_FALSE(first.expired());  // a poll may still be on it
    EXPECT_EQ(list.retired_count(), 1U);

    EXPECT_TRUE(list.take().empty());
    EXPECT_FALSE(first.expired());  // the poller frees nothing
    list.reclaim();
    EXPECT_TRUE(first.expired());
    EXPECT_EQ(list.retired_count(), 0U);
}

TEST(ImageList, ASnapshotOutlivesTheListItWasTakenFrom) {
    const Stream stream;
    ImageList list;
    list.add(stream.image_state({}, 1));

    const auto snapshot = list.snapshot();
    list.remove(RegistrationId{1});
    static_cast<void>(list.take());
    list.reclaim();

    ASSERT_EQ(snapshot->size(), 1U);
    EXPECT_TRUE(snapshot->front()->is_closed());
}

TEST(ImageList, ClosedItTakesNoMoreImages) {
    const Stream stream;
    ImageList list;
    const auto image = stream.image_state({}, 1);
    list.add(image);

    EXPECT_EQ(ids(list.close()), (std::vector<std::int64_t>{1}));

    EXPECT_TRUE(image->is_closed());
    EXPECT_FALSE(list.add(stream.image_state({}, 2)));
    EXPECT_TRUE(list.take().empty());
    EXPECT_TRUE(list.close().empty());
}

TEST(ImageList, ImagesComeAndGoBesideAPollerAndOnlookers) {
    const Stream stream;
    ImageList list;
    std::atomic<bool> is_done{false};
    std::thread poller{[&] {
        while (!is_done.load()) {
            for (const auto& image : list.take()) {
                ASSERT_NE(image->constants().correlation_id, null_registration_id);
            }
        }
    }};
    std::thread onlooker{[&] {
        while (!is_done.load()) {
            const auto snapshot = list.snapshot();
            for (const auto& image : *snapshot) {
                ASSERT_EQ(image->constants().term_buffer_length, 65'536);
            }
        }
    }};

    for (std::int64_t id = 0; id < 2'000; ++id) {
        list.add(stream.image_state({}, id));
        if (id >= 3) {
            list.remove(RegistrationId{id - 3});
        }
        list.reclaim();
    }
    is_done.store(true);
    poller.join();
    onlooker.join();

    static_cast<void>(list.take());
    list.reclaim();
    EXPECT_EQ(list.retired_count(), 0U);
}

}  // namespace
}  // namespace cpperon::client
