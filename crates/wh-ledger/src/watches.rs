//! Rows of what persons want to be told of, and of what is still to be told.
//!
//! Invariant: what happened is noted for a watch in the transaction that writes it down, and taken away in the one
//! that writes the mail: whatever moment it bears and whenever it comes, it is told once. Whether its person may
//! know of it is judged by whoever tells it.

use jiff::Timestamp;
use wh_names::{Entropy, Uid};

use crate::activity::{self, ActivityBy, ActivityRow};
use crate::open::{millis, timestamp};
use crate::sql::{self, Row, Tx};
use crate::{Ledger, LedgerError, RowId};

/// How much of what is told one statement takes away.
const SETTLED_AT_ONCE: usize = 500;

/// How much of what is never told one transaction takes away.
const FORGOTTEN_AT_ONCE: i64 = 5_000;

/// How often somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchRhythm {
    /// Soon after it happened, collected for a while.
    Soon,
    /// Once a day.
    Daily,
}

impl WatchRhythm {
    /// The rhythm as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Soon => "soon",
            Self::Daily => "daily",
        }
    }

    /// The rhythm that is called so.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Soon, Self::Daily].into_iter().find(|rhythm| rhythm.as_str() == word)
    }
}

/// In which language somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchLanguage {
    /// English.
    English,
    /// German.
    German,
}

impl WatchLanguage {
    /// The language as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The language that is called so.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::English, Self::German].into_iter().find(|language| language.as_str() == word)
    }
}

/// What a person wants to be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchRow {
    /// What it is called.
    pub id: RowId,
    /// The grant by which its person has the place.
    pub grant: RowId,
    /// In the grant's location: a file's, a folder's, which ends in `/`, or empty for all of it.
    pub path: String,
    /// The bucket.
    pub bucket: String,
    /// The same in the bucket: with the location's prefix before it.
    pub key: String,
    /// How often.
    pub rhythm: WatchRhythm,
    /// In which language.
    pub language: WatchLanguage,
    /// Since when.
    pub created_at: Timestamp,
    /// Nothing is told before.
    pub next_at: Timestamp,
}

/// Something that happened, for one watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchNews {
    /// The watch.
    pub watch: RowId,
    /// What happened.
    pub row: ActivityRow,
}

impl Ledger {
    /// What a person wants to be told of, the newest first.
    pub async fn watches(&self, uid: &Uid) -> Result<Vec<WatchRow>, LedgerError> {
        let sql = "SELECT * FROM watches WHERE uid = $1 ORDER BY id DESC";
        let rows = sql::query(sql).bind(uid.as_str()).fetch_all(self.reader()).await?;
        rows.iter().map(read).collect()
    }

    /// Begins a watch; one of the same place gets this rhythm and this language. `false`: the person has `max`
    /// already.
    pub async fn put_watch(
        &self,
        uid: &Uid,
        watch: &WatchRow,
        max: usize,
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE watches SET rhythm = $4, language = $5, next_at = $6
                   WHERE uid = $1 AND grant_id = $2 AND path = $3";
        let again = sql::query(sql).bind(uid.as_str()).bind(watch.grant.as_str()).bind(&watch.path);
        let again = again.bind(watch.rhythm.as_str()).bind(watch.language.as_str());
        let again = again.bind(millis(watch.next_at));
        if again.execute(&mut tx).await?.rows_affected() == 0 {
            let sql = "SELECT count(*) AS n FROM watches WHERE uid = $1";
            let counted = sql::query(sql).bind(uid.as_str()).fetch_one(&mut tx).await?;
            let known: i64 = counted.try_get("n")?;
            if usize::try_from(known).is_ok_and(|known| known >= max) {
                return Ok(false);
            }
            insert(&mut tx, uid, watch).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Ends a watch of this person, with what was still to be told. `false`: there was none.
    pub async fn end_watch(&self, uid: &Uid, id: &RowId) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        let sql = "DELETE FROM watches WHERE uid = $1 AND id = $2";
        let gone = sql::query(sql).bind(uid.as_str()).bind(id.as_str()).execute(&mut tx).await?;
        tx.commit().await?;
        Ok(gone.rows_affected() > 0)
    }

    /// Who is to be told of something now, of which the first happened before `gathered`: at most so many of
    /// them, whoever waits the longest first.
    pub async fn watchers_due(
        &self,
        (now, gathered): (Timestamp, Timestamp),
        most: u32,
    ) -> Result<Vec<Uid>, LedgerError> {
        let sql = "SELECT uid FROM watches WHERE next_at <= $1
                   AND EXISTS (SELECT 1 FROM watch_news n JOIN activity a ON a.id = n.activity_id
                               WHERE n.watch_id = watches.id AND a.at <= $2)
                   GROUP BY uid ORDER BY min(next_at), uid LIMIT $3";
        let rows = sql::query(sql).bind(millis(now)).bind(millis(gathered)).bind(i64::from(most));
        let rows = rows.fetch_all(self.reader()).await?;
        let uid = |row: &Row| {
            let uid: String = row.try_get("uid")?;
            Uid::parse(&uid).map_err(|_| LedgerError::Corrupt { column: "uid" })
        };
        rows.iter().map(uid).collect()
    }

    /// What is to be told to a person now, the oldest first: at most so much.
    pub async fn watch_news(
        &self,
        uid: &Uid,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<WatchNews>, LedgerError> {
        let sql = "SELECT n.watch_id, a.* FROM watches w
                   JOIN watch_news n ON n.watch_id = w.id JOIN activity a ON a.id = n.activity_id
                   WHERE w.uid = $1 AND w.next_at <= $2 ORDER BY a.id, w.id LIMIT $3";
        self.news(sql, (uid, now), most).await
    }

    /// The same, of the watches that were [taken](Self::take_watches) until then.
    pub async fn taken_news(
        &self,
        uid: &Uid,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<WatchNews>, LedgerError> {
        let sql = "SELECT n.watch_id, a.* FROM watches w
                   JOIN watch_news n ON n.watch_id = w.id JOIN activity a ON a.id = n.activity_id
                   WHERE w.uid = $1 AND w.next_at = $2 ORDER BY a.id, w.id LIMIT $3";
        self.news(sql, (uid, until), most).await
    }

    async fn news(
        &self,
        sql: &'static str,
        (uid, at): (&Uid, Timestamp),
        most: u32,
    ) -> Result<Vec<WatchNews>, LedgerError> {
        let rows = sql::query(sql).bind(uid.as_str()).bind(millis(at)).bind(i64::from(most));
        let rows = rows.fetch_all(self.reader()).await?;
        let news = |row: &Row| {
            let watch = RowId::parse(row.try_get("watch_id")?);
            let watch = watch.map_err(|_| LedgerError::Corrupt { column: "watch_id" })?;
            Ok(WatchNews { watch, row: activity::read(row)? })
        };
        rows.iter().map(news).collect()
    }

    /// Takes the watches of a person of which something is to be told now, so that nobody else does until `until`.
    /// They come back as they are then. Whoever took them and was killed leaves them to whoever comes after it.
    pub async fn take_watches(
        &self,
        uid: &Uid,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<Vec<WatchRow>, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let sql = "UPDATE watches SET next_at = $3 WHERE uid = $1 AND next_at <= $2
                   AND EXISTS (SELECT 1 FROM watch_news n WHERE n.watch_id = watches.id)
                   RETURNING *";
        let query = sql::query(sql).bind(uid.as_str()).bind(millis(now)).bind(millis(until));
        let rows = query.fetch_all(&mut tx).await?;
        tx.commit().await?;
        rows.iter().map(read).collect()
    }

    /// Takes away what is told, or not to be told to its person, with the mails that this ledger carries. What is
    /// `told` is told of no other watch of the person. Each watch, as it was taken, has this next time. `false`:
    /// somebody else has told some of it or has changed a watch meanwhile, and nothing is written.
    pub async fn settle_news(
        &self,
        uid: &Uid,
        (news, told): (&[WatchNews], &[RowId]),
        next: &[(WatchRow, Timestamp)],
    ) -> Result<bool, LedgerError> {
        let mut tx = self.begin().await?;
        for some in news.chunks(SETTLED_AT_ONCE) {
            let head = "DELETE FROM watch_news WHERE (watch_id, activity_id) IN";
            let query = some.iter().fold(
                sql::query_rows_in(head, some.len(), 2),
                |query, WatchNews { watch, row }| query.bind(watch.as_str()).bind(row.id.as_str()),
            );
            let done = query.execute(&mut tx).await?.rows_affected();
            if usize::try_from(done) != Ok(some.len()) {
                return Ok(false);
            }
        }
        for some in told.chunks(SETTLED_AT_ONCE) {
            let head = "DELETE FROM watch_news
                        WHERE watch_id IN (SELECT id FROM watches WHERE uid = $1)
                        AND activity_id IN";
            let query = sql::query_in(head, 2, some.len()).bind(uid.as_str());
            let query = some.iter().fold(query, |query, id| query.bind(id.as_str()));
            query.execute(&mut tx).await?;
        }
        for (watch, at) in next {
            let sql = "UPDATE watches SET next_at = $4
                       WHERE id = $1 AND next_at = $2 AND rhythm = $3";
            let query = sql::query(sql).bind(watch.id.as_str()).bind(millis(watch.next_at));
            let query = query.bind(watch.rhythm.as_str()).bind(millis(*at));
            if query.execute(&mut tx).await?.rows_affected() == 0 {
                return Ok(false);
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Takes away what happened before `before` and was to be told of this watch, untold.
    pub async fn forget_news(&self, watch: &RowId, before: Timestamp) -> Result<(), LedgerError> {
        let first = RowId::generate(before, &Entropy::new(|bytes| bytes.fill(0)));
        let sql = "DELETE FROM watch_news WHERE watch_id = $1 AND activity_id IN
                   (SELECT activity_id FROM watch_news WHERE watch_id = $1 AND activity_id < $2
                    ORDER BY activity_id LIMIT $3)";
        loop {
            let query = sql::query(sql).bind(watch.as_str()).bind(first.as_str());
            let done = query.bind(FORGOTTEN_AT_ONCE).execute(self.writer()).await?;
            if done.rows_affected() == 0 {
                return Ok(());
            }
        }
    }

    /// Takes away what happened before `before` and was to be told to anybody, untold.
    pub async fn forget_all_news(&self, before: Timestamp) -> Result<(), LedgerError> {
        let first = RowId::generate(before, &Entropy::new(|bytes| bytes.fill(0)));
        let known = "SELECT activity_id FROM watch_news WHERE activity_id < $1 LIMIT 1";
        let sql = "DELETE FROM watch_news WHERE activity_id IN
                   (SELECT activity_id FROM watch_news WHERE activity_id < $1
                    ORDER BY activity_id LIMIT $2)";
        loop {
            let query = sql::query(known).bind(first.as_str());
            if query.fetch_optional(self.reader()).await?.is_none() {
                return Ok(());
            }
            let query = sql::query(sql).bind(first.as_str()).bind(FORGOTTEN_AT_ONCE);
            query.execute(self.writer()).await?;
        }
    }
}

/// Notes what happened for those who watch it, with what else this transaction writes. Whoever did it is not told.
pub(crate) async fn note(tx: &mut Tx, rows: &[ActivityRow]) -> Result<(), LedgerError> {
    let sql = "SELECT id FROM watches LIMIT 1";
    if sql::query(sql).fetch_optional(&mut *tx).await?.is_none() {
        return Ok(());
    }
    for row in rows {
        let by = match &row.by {
            ActivityBy::Person(uid) => uid.as_str(),
            ActivityBy::Machine(_) | ActivityBy::Role(_) | ActivityBy::Rule | ActivityBy::Other => {
                ""
            }
        };
        // Asked by the index: the key itself, and each folder that holds it. Only a folder's watch ends in a slash,
        // and only one of a whole bucket is empty.
        let folders = row.key.match_indices('/').filter_map(|(at, _)| row.key.get(..=at));
        let folders: Vec<&str> = folders.filter(|folder| *folder != row.key).collect();
        let head = "INSERT INTO watch_news (watch_id, activity_id)
                    SELECT id, $1 FROM watches WHERE bucket = $2 AND uid <> $3 AND key IN";
        let query = sql::query_in(head, 4, folders.len() + 2);
        let query = query.bind(row.id.as_str()).bind(&row.bucket).bind(by);
        let query = query.bind("").bind(&row.key);
        let query = folders.into_iter().fold(query, sql::Query::bind);
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

async fn insert(tx: &mut Tx, uid: &Uid, watch: &WatchRow) -> Result<(), LedgerError> {
    let sql = "INSERT INTO watches
               (id, uid, grant_id, path, bucket, key, rhythm, language, created_at, next_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    sql::query(sql)
        .bind(watch.id.as_str())
        .bind(uid.as_str())
        .bind(watch.grant.as_str())
        .bind(&watch.path)
        .bind(&watch.bucket)
        .bind(&watch.key)
        .bind(watch.rhythm.as_str())
        .bind(watch.language.as_str())
        .bind(millis(watch.created_at))
        .bind(millis(watch.next_at))
        .execute(tx)
        .await
        .map_err(|e| LedgerError::of_write("watch", e))?;
    Ok(())
}

fn read(row: &Row) -> Result<WatchRow, LedgerError> {
    let corrupt = |column| LedgerError::Corrupt { column };
    let rhythm: String = row.try_get("rhythm")?;
    let language: String = row.try_get("language")?;
    Ok(WatchRow {
        id: RowId::parse(row.try_get("id")?).map_err(|_| corrupt("id"))?,
        grant: RowId::parse(row.try_get("grant_id")?).map_err(|_| corrupt("grant_id"))?,
        path: row.try_get("path")?,
        bucket: row.try_get("bucket")?,
        key: row.try_get("key")?,
        rhythm: WatchRhythm::parse(&rhythm).ok_or(corrupt("rhythm"))?,
        language: WatchLanguage::parse(&language).ok_or(corrupt("language"))?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        next_at: timestamp("next_at", row.try_get("next_at")?)?,
    })
}
