#include "cpperon/shm/semantic_version.hpp"

#include <gtest/gtest.h>

namespace cpperon {
namespace {

TEST(SemanticVersion, PacksTheSpecifiedVersions) {
    EXPECT_EQ((SemanticVersion{0, 2, 0}.packed()), 512);
    EXPECT_EQ((SemanticVersion{1, 53, 0}.packed()), 79'104);
    EXPECT_EQ((SemanticVersion{1, 0, 0}.packed()), 65'536);
    EXPECT_EQ((SemanticVersion{255, 255, 255}.packed()), 0xff'ffff);
}

TEST(SemanticVersion, UnpacksWhatItPacked) {
    EXPECT_EQ(SemanticVersion::unpack(79'104), (SemanticVersion{1, 53, 0}));
    EXPECT_EQ(SemanticVersion::unpack(-1), (SemanticVersion{255, 255, 255}));
    EXPECT_EQ((SemanticVersion{1, 53, 2}.to_string()), "1.53.2");
}

TEST(SemanticVersion, IsOrderedByMajorThenMinorThenPatch) {
    EXPECT_LT((SemanticVersion{0, 255, 255}), (SemanticVersion{1, 0, 0}));
    EXPECT_LT((SemanticVersion{1, 2, 255}), (SemanticVersion{1, 3, 0}));
    EXPECT_LT((SemanticVersion{1, 2, 3}), (SemanticVersion{1, 2, 4}));
}

}  // namespace
}  // namespace cpperon
