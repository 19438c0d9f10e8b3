#include "index/feedback_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "index/keys.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/in_memory_store.h"

namespace gradmatch {
namespace {

using testing::ElementsAre;
constexpr int kClick = 2;
constexpr int kDismiss = 6;
const std::string kAnna(kPseudonymBytes, 'a');
const std::string kBert(kPseudonymBytes, '/');

FeedbackLine Line(const std::string& graduate, const std::string& id, int type,
                  const std::string& posting) {
  FeedbackLine line;
  line.graduate_key = graduate;
  line.event_id = id;
  line.event.set_type(type);
  line.event.set_posting(posting);
  if (type == kDismiss) {
    line.dismissed_subject = posting;
    line.fingerprint = 7;
  }
  return line;
}

std::vector<FeedbackOutcome> Record(FeedbackStore& store,
                                    const std::vector<FeedbackLine>& lines) {
  const auto outcomes = store.Record(lines);
  EXPECT_TRUE(outcomes.ok()) << outcomes.status();
  return outcomes.ok() ? *outcomes : std::vector<FeedbackOutcome>();
}

TEST(FeedbackStoreTest, TheSameIdIsTheSameEvent) {
  InMemoryStore disk;
  FeedbackStore store(disk);
  EXPECT_THAT(
      Record(
          store,
          {Line(kAnna, "1", kClick, "a/1"), Line(kAnna, "1", kClick, "a/1"),
           Line(kAnna, "1", kClick, "a/2"), Line(kBert, "1", kClick, "a/2")}),
      ElementsAre(FeedbackOutcome::kRecorded, FeedbackOutcome::kUnchanged,
                  FeedbackOutcome::kConflict, FeedbackOutcome::kRecorded));
  FeedbackStore again(disk);
  EXPECT_THAT(
      Record(again, {Line(kAnna, "1", kClick, "a/1"),
                     Line(kAnna, "1", kDismiss, "a/1"),
                     Line(kAnna, "2", kClick, "a/1")}),
      ElementsAre(FeedbackOutcome::kUnchanged, FeedbackOutcome::kConflict,
                  FeedbackOutcome::kRecorded));
  EXPECT_TRUE(ReadDismissed(disk, kAnna)->empty());
}

TEST(FeedbackStoreTest, DismissalsAreReadOfOneGraduate) {
  InMemoryStore disk;
  FeedbackStore store(disk);
  Record(store,
         {Line(kAnna, "1", kDismiss, "a/1"), Line(kAnna, "2", kDismiss, "p1"),
          Line(kAnna, "zz", kClick, "a/3"), Line(kBert, "1", kDismiss, "a/2")});
  const auto dismissed = ReadDismissed(disk, kAnna);
  ASSERT_TRUE(dismissed.ok()) << dismissed.status();
  ASSERT_EQ(dismissed->size(), 2u);
  EXPECT_EQ((*dismissed)[0].subject, "a/1");
  EXPECT_EQ((*dismissed)[0].dismissal.fingerprint(), 7u);
  EXPECT_TRUE((*dismissed)[0].is_posting());
  EXPECT_EQ((*dismissed)[1].subject, "p1");
  EXPECT_FALSE((*dismissed)[1].is_posting());
}

TEST(FeedbackStoreTest, AnswersAreKeptInTheSameBatch) {
  for (int fail_at : {0, 1}) {
    InMemoryStore disk;
    FaultyStore faulty(disk, fail_at);
    FeedbackStore store(faulty);
    const auto outcomes =
        store.Record({{Line(kAnna, "1", kDismiss, "a/1")}},
                     [](std::span<const FeedbackOutcome>) {
                       WriteBatch batch;
                       batch.Put(Family::kRequest, "answer", "kept");
                       return batch;
                     });
    EXPECT_EQ(outcomes.ok(), fail_at == 0);
    EXPECT_EQ(disk.Get(Family::kRequest, "answer").ok(), fail_at == 0);
    EXPECT_EQ(ReadDismissed(disk, kAnna)->size(), fail_at == 0 ? 1u : 0u);
  }
}

}  // namespace
}  // namespace gradmatch
