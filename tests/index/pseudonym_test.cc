#include "index/pseudonym.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "absl/strings/escaping.h"
#include "index/file_system.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;

// RFC 4231, test cases 1 and 2, cut to 16 bytes.
TEST(PseudonymTest, IsHmacSha256) {
  EXPECT_EQ(
      absl::BytesToHexString(
          Pseudonymizer::FromSecret(std::string(20, '\x0b')).Of("Hi There")),
      "b0344c61d8db38535ca8afceaf0bf12b");
  EXPECT_EQ(absl::BytesToHexString(Pseudonymizer::FromSecret("Jefe").Of(
                "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c7");
}

TEST(PseudonymTest, ASecretIsMadeOnceAndKeptToTheOwner) {
  TempFolder folder;
  ASSERT_TRUE(EnsureSecret(folder.path()).ok());
  struct stat info;
  ASSERT_EQ(::stat((folder / "SECRET").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600);
  EXPECT_EQ(info.st_size, kSecretBytes);
  const std::string first = Pseudonymizer::Open(folder.path())->Of("g1");
  EXPECT_EQ(first.size(), 16);
  ASSERT_TRUE(EnsureSecret(folder.path()).ok());
  EXPECT_EQ(Pseudonymizer::Open(folder.path())->Of("g1"), first);
  EXPECT_NE(Pseudonymizer::Open(folder.path())->Of("g2"), first);

  TempFolder other;
  ASSERT_TRUE(EnsureSecret(other.path()).ok());
  EXPECT_NE(Pseudonymizer::Open(other.path())->Of("g1"), first);
}

TEST(PseudonymTest, AMissingSecretIsRefused) {
  TempFolder folder;
  const absl::Status s = Pseudonymizer::Open(folder.path()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(s)) << s;
  EXPECT_THAT(std::string(s.message()), HasSubstr("SECRET is missing"));
}

TEST(PseudonymTest, ASecretThatOthersMayTouchIsRefused) {
  TempFolder folder;
  ASSERT_TRUE(EnsureSecret(folder.path()).ok());
  for (mode_t mode : {0644, 0640, 0660, 0604, 0700, 0602}) {
    ASSERT_EQ(::chmod((folder / "SECRET").c_str(), mode), 0);
    const absl::Status s = Pseudonymizer::Open(folder.path()).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(s)) << mode;
    EXPECT_THAT(std::string(s.message()), HasSubstr("chmod 600"));
  }
  ASSERT_EQ(::chmod((folder / "SECRET").c_str(), 0600), 0);
  EXPECT_TRUE(Pseudonymizer::Open(folder.path()).ok());
}

TEST(PseudonymTest, ASecretOfAnotherLengthIsRefused) {
  TempFolder folder;
  for (size_t size : {0, 31, 33}) {
    ASSERT_TRUE(
        WriteFileDurably(folder / "SECRET", std::string(size, 'x'), 0600).ok());
    const absl::Status s = Pseudonymizer::Open(folder.path()).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(s)) << size;
  }
}

TEST(PseudonymTest, AStoreKnowsItsSecretAgain) {
  InMemoryStore store;
  const std::string secret(kSecretBytes, 'x');
  EXPECT_TRUE(CheckSecret(store, Pseudonymizer::FromSecret(secret)).ok());
  EXPECT_TRUE(CheckSecret(store, Pseudonymizer::FromSecret(secret)).ok());
  for (size_t bit = 0; bit < 8 * kSecretBytes; ++bit) {
    std::string other = secret;
    other[bit / 8] ^= static_cast<char>(1 << bit % 8);
    const absl::Status s = CheckSecret(store, Pseudonymizer::FromSecret(other));
    EXPECT_TRUE(absl::IsFailedPrecondition(s)) << bit;
    EXPECT_THAT(std::string(s.message()), HasSubstr("SECRET"));
  }
}

TEST(PseudonymTest, ALinkToASecretIsRefused) {
  TempFolder folder, elsewhere;
  ASSERT_TRUE(EnsureSecret(elsewhere.path()).ok());
  std::filesystem::create_symlink(elsewhere / "SECRET", folder / "SECRET");
  EXPECT_TRUE(
      absl::IsFailedPrecondition(Pseudonymizer::Open(folder.path()).status()));
}

}  // namespace
}  // namespace gradmatch
