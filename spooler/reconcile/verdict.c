/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/reconcile/verdict.h"

struct chunk_outcome verdict_of_journal(const struct journal_state *journal,
                                        uint32_t impressions)
{
    struct chunk_outcome outcome = {
        .no_evidence = journal->no_evidence,
        .ended_clean = journal->ended && !journal->doubt,
        .sent = journal->sent < impressions ? journal->sent : impressions,
        .confirmed = journal->confirmed,
        .device = journal->device,
    };
    if (outcome.confirmed > outcome.sent)
        outcome.confirmed = outcome.sent;
    if (journal->damaged || journal->sent > impressions) {
        outcome.lost = true;
        outcome.words = "the journal is damaged";
    } else if (journal->doubt)
        outcome.words = doubt_words(journal->doubt_why);
    else if (!journal->ended)
        outcome.words = "the feed ended in the middle (connection, power or a killed process)";
    return outcome;
}

enum err verdict_read(const char *folder, const struct token_name *token, uint32_t impressions,
                      struct verdict *out, struct why *why)
{
    enum token_state state;
    enum err err = token_look(folder, token, &state, why);
    if (err)
        return err;
    struct verdict verdict = {.kind = VERDICT_OVER};
    struct journal_state journal;
    switch (state) {
    case TOKEN_NEW:
        verdict.kind = VERDICT_PREPARED;
        break;
    case TOKEN_GO:
        verdict.kind = VERDICT_WAITING;
        break;
    case TOKEN_REVOKED:
        verdict.outcome.withdrawn = true;
        break;
    case TOKEN_NONE:
        verdict.outcome.lost = true;
        verdict.outcome.words = "its token is missing from the feed folder";
        break;
    case TOKEN_TAKEN:
        err = journal_read(folder, token, &journal, why);
        if (err == ERR_NOT_FOUND) { /* taken away under our eyes */
            verdict.outcome.lost = true;
            verdict.outcome.words = "its token is missing from the feed folder";
            break;
        }
        if (err)
            return err;
        verdict.outcome = verdict_of_journal(&journal, impressions);
        if (journal.locked)
            verdict.kind = VERDICT_RUNNING;
        break;
    }
    *out = verdict;
    return ERR_NONE;
}
