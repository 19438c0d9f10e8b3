#include "index/vault/seal_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/file_system.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

class SealKeysTest : public testing::Test {
 protected:
  std::string Text() { return *ReadFile(path_); }
  void Write(const std::string& text, mode_t mode = 0400) {
    ASSERT_TRUE(WriteFileDurably(path_, text, mode).ok());
  }
  std::string Refusal() { return ReasonOf(SealKeys::Load(path_).status()); }

  const TempFolder folder_;
  const std::string path_ = folder_ / "seal.key";
};

TEST_F(SealKeysTest, ANewFileIsItsOwnersOnly) {
  ASSERT_TRUE(NewSealKeyFile(path_).ok());
  struct stat info;
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0400);
  auto keys = SealKeys::Load(path_);
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->size(), 1);
  EXPECT_EQ(keys->current().view().size(), kSealKeyBytes);
  // Another file has another key.
  const std::string other = folder_ / "other.key";
  ASSERT_TRUE(NewSealKeyFile(other).ok());
  EXPECT_NE(SealKeys::Load(other)->current_id(), keys->current_id());
}

TEST_F(SealKeysTest, AFileThatIsThereStays) {
  ASSERT_TRUE(NewSealKeyFile(path_).ok());
  const std::string before = Text();
  EXPECT_TRUE(absl::IsAlreadyExists(NewSealKeyFile(path_)));
  EXPECT_EQ(Text(), before);
}

TEST_F(SealKeysTest, RotationKeepsOldKeysUntilTheyArePruned) {
  ASSERT_TRUE(NewSealKeyFile(path_).ok());
  const std::string first = SealKeys::Load(path_)->current_id();
  const std::string first_key(SealKeys::Load(path_)->current().view());
  ASSERT_TRUE(RotateSealKeyFile(path_).ok());
  auto keys = SealKeys::Load(path_);
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->size(), 2);
  EXPECT_NE(keys->current_id(), first);
  ASSERT_NE(keys->Find(first), nullptr);
  EXPECT_EQ(keys->Find(first)->view(), first_key);

  const std::string second = keys->current_id();
  ASSERT_TRUE(PruneSealKeyFile(path_).ok());
  keys = SealKeys::Load(path_);
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->size(), 1);
  EXPECT_EQ(keys->current_id(), second);
  EXPECT_EQ(keys->Find(first), nullptr);
}

TEST_F(SealKeysTest, WhatOthersMayReadIsRefused) {
  EXPECT_EQ(Refusal(), kSealKeyMissing);  // none
  ASSERT_TRUE(NewSealKeyFile(path_).ok());
  for (const mode_t mode : {0404, 0440, 0644, 0604, 0410, 0401}) {
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
    EXPECT_EQ(Refusal(), kSealKeyMissing) << std::oct << mode;
  }
  ASSERT_EQ(::chmod(path_.c_str(), 0600), 0);
  EXPECT_EQ(Refusal(), "");
}

TEST_F(SealKeysTest, EveryDamageIsNoticedAndNoMessageShowsAKey) {
  ASSERT_TRUE(NewSealKeyFile(path_).ok());
  const std::string text = Text();
  const std::string key = text.substr(text.size() - 65, 64);
  for (size_t i = 0; i < text.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = text;
      damaged[i] ^= static_cast<char>(1 << bit);
      Write(damaged);
      const absl::Status status = SealKeys::Load(path_).status();
      ASSERT_EQ(ReasonOf(status), kSealKeyMissing) << "byte " << i;
      ASSERT_EQ(status.ToString().find(key.substr(0, 16)), std::string::npos);
    }
    Write(text.substr(0, i));
    ASSERT_EQ(Refusal(), kSealKeyMissing) << "cut at " << i;
  }
  Write(text + text.substr(22));  // the same key twice
  EXPECT_EQ(Refusal(), kSealKeyMissing);
  Write(text);
  EXPECT_EQ(Refusal(), "");
}

}  // namespace
}  // namespace gradmatch
