#include "index/content_hash.h"

#include <gtest/gtest.h>

#include <string>

#include "index/base/big_endian.h"

namespace gradmatch {
namespace {

// They are on disks. Short, middle and long texts take different ways through
// XXH3; the short ones here are its published values.
TEST(ContentHashTest, StaysAsItWas) {
  EXPECT_EQ(ContentHash(""), 0x2d06800538d394c2u);
  EXPECT_EQ(ContentHash("a"), 0xe6c632b61e964e1fu);
  EXPECT_EQ(ContentHash("abc"), 0x78af5f94892f3950u);
  EXPECT_EQ(ContentHash(std::string(200, 'x')), 5831900175964364371u);
  EXPECT_EQ(ContentHash(std::string(5000, 'x')), 10197671056214211984u);
}

TEST(ContentHashTest, SeesEveryByte) {
  const std::string text(300, 'x');
  for (size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = 'y';
    EXPECT_NE(ContentHash(other), ContentHash(text)) << "byte " << i;
  }
}

TEST(BigEndianTest, ReadsBackWhatItWrites) {
  for (uint64_t value : {0ull, 1ull, 0x0102030405060708ull, ~0ull}) {
    std::string bytes;
    AppendBigEndian64(value, bytes);
    EXPECT_EQ(bytes.size(), 8);
    EXPECT_EQ(ReadBigEndian64(bytes), value);
  }
}

}  // namespace
}  // namespace gradmatch
