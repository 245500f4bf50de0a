#include "cpperon/base/shared_bytes.hpp"

#include <array>
#include <cstring>

#include <gtest/gtest.h>

namespace cpperon {
namespace {

TEST(SharedBytes, CopiesEachLengthAtEachOffsetAndNothingBeyond) {
    alignas(8) std::array<std::byte, 48> shared{};
    for (std::size_t offset = 0; offset < 9; ++offset) {
        for (std::size_t length = 0; length <= 32; ++length) {
            std::array<std::byte, 32> source{};
            for (std::size_t i = 0; i < length; ++i) {
                source[i] = static_cast<std::byte>(i + 1);
            }
            shared.fill(std::byte{0xee});

            store_bytes_relaxed(shared.data() + offset, std::span{source}.first(length));

            for (std::size_t i = 0; i < shared.size(); ++i) {
                const bool is_inside = i >= offset && i < offset + length;
                EXPECT_EQ(shared[i], is_inside ? source[i - offset] : std::byte{0xee});
            }
            std::array<std::byte, 32> copy{};
            load_bytes_relaxed(std::span{copy}.first(length), shared.data() + offset);
            EXPECT_EQ(copy, source);
        }
    }
}

}  // namespace
}  // namespace cpperon
